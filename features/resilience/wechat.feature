@alone
Feature: WeChat's weak moments do not keep a driver from their space

  @REQ-05 @REQ-14
  Scenario: An access token that ends early does not keep the code from the driver
    Given a driver who follows the account
    And WeChat has ended the access token of the account
    When the driver sends the map location of bay B-17
    Then the driver receives an unlock code as a QR code
