Feature: The state of a space is known at any time

  @REQ-04 @REQ-05 @REQ-06 @REQ-07
  Scenario Outline: A driver asks for the state of a space that <situation>
    Given a driver who follows the account
    And bay B-17 is one that <situation>
    When the driver asks for the state of bay B-17
    Then the account says of the bay: occupancy "<occupancy>", reservation "<reservation>", bolt "<bolt>"

    Examples:
      | situation          | occupancy | reservation | bolt |
      | nobody has taken   | 空闲      | 无          | 升起 |
      | another has booked | 空闲      | 已发码      | 升起 |
      | another stands in  | 有车      | 已开锁      | 降下 |
