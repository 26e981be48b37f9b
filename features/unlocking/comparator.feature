Feature: A lock accepts only a reservation of its own space

  The lock compares the reserved coordinates with its own: those in its storage, or those that its GPS unit has reported
  to the platform. Both readings of the patent are settings of the lock.

  @REQ-11 @alone
  Scenario: The platform knows where the lock's GPS unit is
    Then the platform holds a fix of the lock of bay B-17 within 15 metres of the bay

  @REQ-11 @REQ-12 @REQ-13
  Scenario Outline: A lock accepts a reservation of its own coordinates and asks for a code (<known>)
    Given the lock of bay B-17 compares with its <known> coordinates
    When the platform is asked to reserve bay B-17 at its own coordinates
    Then the lock of bay B-17 accepts the reservation by its <known> coordinates
    And only then it asks for an unlock code

    Examples:
      | known    |
      | preset   |
      | reported |

  @REQ-12 @REQ-13
  Scenario Outline: A lock refuses a reservation whose coordinates are not its own (<known>)
    Given the lock of bay B-17 compares with its <known> coordinates
    When the platform is asked to reserve bay B-17 at coordinates 500 metres away
    Then the lock of bay B-17 refuses the reservation
    And the lock of bay B-17 has not asked for an unlock code
    And the operator sees refused coordinates at bay B-17
    And the bolt of bay B-17 stays up

    Examples:
      | known    |
      | preset   |
      | reported |

  @REQ-11 @REQ-12
  Scenario Outline: Each reading of the comparator looks at its own source (<known>)
    Given the lock of bay B-17 compares with its <known> coordinates
    And the GPS unit of bay B-17 reports a place 500 metres away
    When the platform is asked to reserve bay B-17 at its own coordinates
    Then the lock of bay B-17 <answers> the reservation

    Examples:
      | known    | answers |
      | preset   | accepts |
      | reported | refuses |
