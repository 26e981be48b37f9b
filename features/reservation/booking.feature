Feature: A space is reserved once, and for a while

  Rule: A space has one holder at a time

    @REQ-05 @REQ-10 @REQ-17 @alone
    Scenario: Only one of two simultaneous drivers gets the last space
      Given every bay but B-17 is taken
      And two drivers who follow the account
      When both drivers ask for bay B-17 at the same moment
      Then exactly one of them receives an unlock code
      And the other one is told that there is no space
      And the platform has granted bay B-17 once

    @REQ-05 @alone
    Scenario: Repeated WeChat delivery makes a single reservation
      Given a driver who follows the account
      And WeChat delivers every message 3 times
      When the driver sends the map location of bay B-17
      Then the driver receives an unlock code as a QR code
      And the cloud has acted on the message once

  Rule: A reservation ends by itself

    @REQ-17 @alone @movable-time
    Scenario: A reservation that nobody uses sets the space free
      Given the driver has reserved bay B-17
      When the hold of bay B-17 runs out
      Then the account tells the driver that the reservation has expired
      And bay B-17 is free for the next driver
      And the bolt of bay B-17 stays up

    @REQ-05 @REQ-06
    Scenario: A driver who cancels sets the space free
      Given the driver has reserved bay B-17
      When the driver writes "取消"
      Then bay B-17 is free for the next driver
      And the code that the driver was sent no longer opens bay B-17
