@alone
Feature: A user brings their own party

  The developer of a cloud or a WeChat account declares their party as external and has Lockstep play the rest.

  @REQ-02 @REQ-05 @REQ-06 @REQ-14 @REQ-16
  Scenario: The whole way with a cloud that runs as a process of its own
    Given the cloud is an external process
    And the driver has reserved bay B-17
    When the driver shows the code to the lock of bay B-17
    Then the bolt of bay B-17 goes down
    And the head unit shows the plan for bay B-17 as unlocked
