Feature: A lock in trouble does no harm, and says what is wrong

  The operator of the parking platform reads the state of each lock and its faults by name.

  @REQ-16
  Scenario: A bolt that jams stays where it is, without power
    Given something blocks the way of the bolt of bay B-17
    When the operator orders the lock of bay B-17 to open
    Then the operator sees a jam at the lock of bay B-17
    And the bolt of bay B-17 stands between its ends, without power

  @REQ-19
  Scenario: A bolt that meets a car on its way up turns round
    Given the operator has opened bay B-17
    And a car drives over the bolt of bay B-17 while it rises
    When the operator orders the lock of bay B-17 to close
    Then the lock of bay B-17 refuses because of the car
    And the bolt of bay B-17 stays down

  @REQ-17
  Scenario: A bolt that somebody pushes down is told, and put back
    When somebody pushes the bolt of bay B-17 down
    Then the operator sees a forced bolt at the lock of bay B-17
    And the bolt of bay B-17 goes up once nobody pushes it

  @REQ-17
  Scenario: A lock whose housing is opened moves nothing until it is re-armed
    When somebody opens the housing of the lock of bay B-17
    Then the operator sees an opened housing at the lock of bay B-17
    And the lock of bay B-17 opens only after the housing is closed and the lock re-armed

  @REQ-18
  Scenario: A lock whose battery runs empty opens once, so that nobody is shut in
    When the battery of the lock of bay B-17 runs empty
    Then the operator sees a critical battery at the lock of bay B-17
    And the bolt of bay B-17 goes down
    And the lock of bay B-17 refuses to close until its battery is changed

  @REQ-16
  Scenario: A lock whose limit switches contradict each other moves nothing
    When both limit switches of the lock of bay B-17 say closed
    Then the operator sees a sensor fault at the lock of bay B-17
    And the lock of bay B-17 refuses to open
