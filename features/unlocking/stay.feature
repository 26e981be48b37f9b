Feature: The lock guards the space before, during and after a stay

  @REQ-07 @REQ-19
  Scenario: A bay that was left is locked again and free for the next user
    Given the driver has opened bay B-17 with the code
    And the car stands in bay B-17
    When the car leaves bay B-17
    Then the bolt of bay B-17 goes up
    And bay B-17 is free for the next driver
    And the head unit shows the plan for bay B-17 as ended

  @REQ-19
  Scenario: The bolt never rises under a car
    Given the driver has opened bay B-17 with the code
    And the car stands in bay B-17
    When the operator orders the lock of bay B-17 to close
    Then the lock of bay B-17 refuses because of the car
    And the bolt of bay B-17 stays down
