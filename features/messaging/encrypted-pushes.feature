@alone
Feature: Pushes that WeChat encrypts carry the same conversation

  @REQ-05 @REQ-08 @REQ-14 @encrypted-push
  Scenario Outline: A driver of an account in <mode> mode gets a space and its code
    Given WeChat encrypts its pushes in <mode> mode
    And a driver who follows the account
    When the driver sends the map location of bay B-17
    Then the account tells the driver about bay B-17
    And the driver receives an unlock code as a QR code

    Examples:
      | mode       |
      | safe       |
      | compatible |
