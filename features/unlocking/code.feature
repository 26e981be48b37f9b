Feature: The code that was sent opens the reserved lock

  Rule: A match opens the bolt

    @REQ-13 @REQ-14 @REQ-15 @REQ-16 @REQ-17
    Scenario: The code sent to the driver opens the reserved lock, once
      Given the driver has reserved bay B-17
      When the driver shows the code to the lock of bay B-17
      Then the bolt of bay B-17 goes down
      And the head unit shows the plan for bay B-17 as unlocked
      And the same code does not open bay B-17 a second time

    @REQ-15 @REQ-16
    Scenario: A barcode opens the lock as well as a QR code
      Given a driver who wants barcodes has reserved bay B-17
      When the driver shows the code to the lock of bay B-17
      Then the driver was sent a barcode
      And the bolt of bay B-17 goes down

  Rule: Only the code that was sent opens the lock

    @REQ-17
    Scenario: A code for the neighbouring lock leaves the bolt closed
      Given the driver has reserved bay B-17
      And another driver has reserved bay B-18
      When the other driver shows their code to the lock of bay B-17
      Then the operator sees a foreign code at bay B-17
      And the bolt of bay B-17 stays up

    @REQ-17 @alone @movable-time
    Scenario: A code that outlived its reservation leaves the bolt closed
      Given the driver has reserved bay B-17
      And the hold of bay B-17 has run out
      When the driver shows the code to the lock of bay B-17
      Then the operator sees an expired code at bay B-17
      And the bolt of bay B-17 stays up

    @REQ-17 @alone @movable-time
    Scenario: A lock that is cut off from the platform still knows when a code has expired
      Given the driver has reserved bay B-17
      And the lock of bay B-17 has lost the platform
      And the hold of bay B-17 has run out
      When the driver shows the code to the lock of bay B-17
      Then the lock of bay B-17 reads an expired code
      And the bolt of bay B-17 stays up

    @REQ-17 @REQ-18
    Scenario: A code that was used stays used when the lock's battery is swapped
      Given the driver has opened bay B-17 with the code
      And the operator has closed bay B-17
      And the battery of the lock of bay B-17 is swapped
      When the driver shows the code to the lock of bay B-17
      Then the operator sees a used code at bay B-17
      And the bolt of bay B-17 stays up

    @REQ-17 @alone
    Scenario: Somebody who tries codes is not looked at any more after five
      Given the driver has reserved bay B-17
      When somebody shows 20 codes of their own making to the lock of bay B-17 within 4 seconds
      Then the lock of bay B-17 reads 5 foreign codes and looks at none of the other 15
      And the operator sees a throttled code at bay B-17
      And the bolt of bay B-17 stays up

    @REQ-17
    Scenario: A picture that is no unlock code leaves the bolt closed
      Given the driver has reserved bay B-17
      When the driver shows a QR code of a web page to the lock of bay B-17
      Then the operator sees a misread code at bay B-17
      And the bolt of bay B-17 stays up

  Rule: What else is in view neither opens the lock nor closes it

    @REQ-16 @REQ-17
    Scenario: A sticker beside the lens is no guess, and hides no code
      Given a sticker with a QR code of a web page beside the lens of the lock of bay B-17
      And the driver has reserved bay B-17
      When the driver shows the code to the lock of bay B-17
      Then the bolt of bay B-17 goes down
      And the lock of bay B-17 reads a misread code once, and a fresh one

    @REQ-16 @REQ-17
    Scenario: Of two phones before the lens the one with the right code opens the lock
      Given the driver has reserved bay B-17
      And another driver has reserved bay B-18
      When the driver and the other driver show their codes to the lock of bay B-17 at once
      Then the operator sees a foreign code at bay B-17
      And the bolt of bay B-17 goes down

  Rule: The lock decides by the picture and the code that it expects, and needs nobody for it

    @REQ-16 @REQ-17
    Scenario: Cut off from the platform, the lock tells another picture from the right one
      Given the driver has reserved bay B-17
      And another driver has reserved bay B-18
      And the lock of bay B-17 has lost the platform
      When the lock of bay B-17 is shown the other driver's code, and then the driver's
      Then the bolt of bay B-17 goes down
      And the lock of bay B-17 tells later of a foreign code, then a fresh one that moved the bolt

    @REQ-16 @REQ-17
    Scenario: Cut off from the platform, the lock judges the same picture by the code that it expects
      Given the driver has given back bay B-17, and kept the code
      And another driver has reserved bay B-17
      And the lock of bay B-17 has lost the platform
      When the lock of bay B-17 is shown the driver's code, and then the other driver's
      Then the bolt of bay B-17 goes down
      And the lock of bay B-17 tells later of an expired code, then a fresh one that moved the bolt

  Rule: A command has an end of life

    @REQ-17 @alone
    Scenario: An unlock command that arrives after expiry moves nothing
      Given an operator's unlock command for bay B-17 that is held up on its way
      And the command's life is over
      When the command arrives at the lock of bay B-17
      Then the lock of bay B-17 refuses the command as expired
      And the bolt of bay B-17 stays up
