Feature: The head unit shows what the T-BOX feeds back

  @REQ-01 @REQ-03 @REQ-09
  Scenario: The plan on the head unit is whole or it is not shown
    Given a driver who follows the account from the car
    And the head unit misses the frames that carry the bay's label
    When the driver sends the map location of bay B-17
    Then the T-BOX reports that the plan could not be shown
    And the head unit shows no plan

  @REQ-01 @REQ-03
  Scenario: A head unit that hears nothing more says so
    Given the head unit shows the plan of bay B-17
    When the T-BOX falls silent
    Then the head unit says that it has no valid data
