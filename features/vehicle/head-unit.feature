@alone
Feature: The head unit shows what the T-BOX feeds back, as long as it is valid

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
    And the head unit tells that fault as "missing"

  @REQ-01 @REQ-03
  Scenario Outline: A fault that passes is told and leaves the plan on the head unit
    Given the head unit shows the plan of bay B-17
    When <fault> comes between the T-BOX and the head unit once
    Then the head unit tells that fault as "<told>"
    And the head unit still shows the plan for bay B-17

    Examples:
      | fault            | told     |
      | a flipped bit    | corrupt  |
      | a repeated frame | repeated |
      | a lost frame     | lost     |

  @REQ-01 @REQ-03
  Scenario Outline: A fault that lasts takes the plan off the head unit rather than leave a stale one
    Given the head unit shows the plan of bay B-17
    When <fault> comes between the T-BOX and the head unit for good
    Then the head unit says that it has no valid data
    And the head unit tells that fault as "<told>"

    Examples:
      | fault           | told       |
      | a flipped bit   | corrupt    |
      | a foreign frame | masquerade |

  @REQ-01 @REQ-03
  Scenario: A stuck counter takes the plan off the head unit, and it comes back when the fault is over
    Given the head unit shows the plan of bay B-17
    When a stuck counter comes between the T-BOX and the head unit for good
    Then the head unit says that it has no valid data
    And the head unit tells that fault as "stuck-counter"
    When the fault is over
    Then the head unit shows the plan for bay B-17 as reserved
