@alone
Feature: The account's menu says the same as words

  @REQ-04 @REQ-05 @REQ-14
  Scenario: A tap on the menu sends a driver their code again
    Given the driver has reserved bay B-17
    When the driver taps "我的码" in the menu
    Then the driver is sent the same unlock code again

  @REQ-04 @REQ-07
  Scenario: A tap on the menu tells a driver the state of their space
    Given the driver has reserved bay B-17
    When the driver taps "车位状态" in the menu
    Then the account says of the bay: occupancy "空闲", reservation "已发码", bolt "升起"
