Feature: A place becomes a parking plan

  The driver names a place in the service account, as a text or as a location from the map. The cloud computes the
  optimal parking plan, shows it in the car, and reserves the space at the same moment.

  Rule: A place gives a plan and a reservation at the same moment

    @REQ-01 @REQ-02 @REQ-03 @REQ-04 @REQ-05 @REQ-06 @REQ-08 @REQ-09 @REQ-10
    Scenario: A driver's WeChat location becomes a parking plan on the head unit
      Given a driver who follows the account from the car
      When the driver sends the map location of bay B-17
      Then the head unit shows the plan for bay B-17 as reserved
      And the head unit confirms every cycle of the bus
      And the platform holds a reservation of bay B-17 with its coordinates
      And the account tells the driver about bay B-17

    @REQ-03 @REQ-04 @REQ-08 @REQ-09
    Scenario: A place that is named in a text becomes a parking plan on the head unit
      Given a driver who follows the account from the car
      When the driver writes "国贸"
      Then the head unit shows the plan for bay B-17 as reserved
      And the account tells the driver about bay B-17

    @REQ-04 @REQ-08 @REQ-14
    Scenario: A driver with a tablet is served like one with a phone
      Given a driver with a tablet who follows the account from the car
      When the driver sends the map location of bay B-17
      Then the head unit shows the plan for bay B-17 as reserved
      And the driver receives an unlock code as a QR code

    @REQ-08 @alone
    Scenario: A place that nobody knows is answered with what to do next
      Given a driver who follows the account from the car
      When the driver writes "亚特兰蒂斯"
      Then the account answers how to ask
      And the head unit shows no plan

  Rule: The datum of a position is never guessed

    @REQ-08
    Scenario: A map location is never mistaken for a GPS fix
      Given a driver who follows the account from the car
      And bay D-01 stands where the map shows bay B-17 if the datums are mixed up
      When the driver sends the map location of bay B-17
      Then the head unit shows the plan for bay B-17 as reserved
