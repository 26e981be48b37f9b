Feature: The state of a space is known at any time

  @REQ-04 @REQ-05 @REQ-06 @REQ-07
  Scenario: A driver asks for the state of a space before, during and after a stay
    Given a driver who follows the account
    Then the account says that bay B-17 is "空闲"
    When the driver reserves bay B-17
    Then the account says that bay B-17 is "已预约"
    When the driver opens bay B-17 with the code and parks
    Then the account says that bay B-17 is "占用"
    When the car leaves bay B-17
    Then the account says that bay B-17 is "空闲" again
