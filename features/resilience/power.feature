Feature: The lock survives the loss of its power

  @REQ-18
  Scenario: A lock that loses power mid-travel reports its bolt as unknown
    Given the driver has reserved bay B-17
    When the board of bay B-17 loses power while the bolt travels
    Then the lock of bay B-17 reports its bolt as unknown
    And the bolt of bay B-17 stands between its ends
    And with power back the lock of bay B-17 finishes the opening

  @REQ-12 @REQ-16 @REQ-18
  Scenario: A battery swap loses nothing
    Given the driver has reserved bay B-17
    When the battery of the lock of bay B-17 is swapped
    Then the lock of bay B-17 comes back with its reservation
    And the code that the driver was sent opens bay B-17
