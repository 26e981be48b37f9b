@party:platform @alone
Feature: A parking platform does its duty when wires fail and clients err

  What the contract asks of a platform beyond the way that goes well. The bench disturbs the wires, so that any platform
  is judged alike.

  Rule: News reaches the cloud

    @REQ-06 @REQ-14
    Scenario: News that the cloud has not confirmed comes again, and is acted on once
      Given a driver who follows the account
      And the news of the next code is lost, and then the answer to it
      When the driver writes "预约 B-18"
      Then the platform has sent the news of the code until it was confirmed
      And the driver receives an unlock code once

    @REQ-06 @REQ-19
    Scenario: A stay is reported in its order, each step once, though the lock says everything twice
      Given everything that the lock of bay B-18 says comes twice
      And the platform has reserved bay B-18 and sent its code
      When the lock of bay B-18 reports an opening, a car and its leaving, each twice
      Then the cloud has heard of the stay in bay B-18 step by step

  Rule: A request is carried out once

    @REQ-05 @REQ-17
    Scenario: A request that comes again with its key is answered as before
      When the platform is asked twice for bay B-18 with the same key
      Then both answers name the same reservation
      And the lock of bay B-18 was sent that reservation alone

    @REQ-05 @REQ-17
    Scenario: A key that comes again with another body is refused
      Given the platform has reserved bay B-18 and sent its code
      When the platform is asked for bay D-01 with the same key
      Then the platform refuses the key as used
      And bay D-01 is one that nobody has taken

    @REQ-05 @REQ-17
    Scenario: Of two requests at the same moment one is granted
      When the platform is asked for bay B-18 by two requests at the same moment
      Then the platform has granted one of them, and refused the other as taken

  Rule: A party does what its token allows, and no more

    @REQ-17
    Scenario: Requests without a token, with a wrong one or with another party's are refused, and change nothing
      Given the platform has reserved bay B-18 and sent its code
      When every request of the contract comes without the token that it needs
      Then the platform refuses them all
      And nothing has changed at bay B-18

  Rule: The lock is asked before the code is given, and nothing is given after the end

    @REQ-10 @REQ-12 @REQ-13 @REQ-14
    Scenario: The lock is sent the coordinates that were reserved, and no code goes out before it has asked
      Given what the lock of bay B-18 says is held up on its way
      When the platform is asked to reserve bay B-18 at its own coordinates
      Then the lock of bay B-18 was sent these coordinates
      And no code goes out for bay B-18
      And a code goes out once the lock of bay B-18 is heard

    @REQ-13 @REQ-17
    Scenario: A lock that asks for a code too late gets none
      Given what the lock of bay B-18 says is held up on its way
      And the platform has taken back a reservation of bay B-18
      When the lock of bay B-18 is heard
      Then no code goes out for bay B-18

    @REQ-17 @movable-time
    Scenario: A hold that nobody uses ends for the platform, the lock and the cloud
      Given the platform has reserved bay B-18 and sent its code
      When the hold of bay B-18 runs out
      Then the platform has ended that reservation as expired

    @REQ-15 @REQ-17
    Scenario: Every reservation has a code of its own
      Given the platform has reserved bay B-18 and sent its code
      And the platform has taken back that reservation
      When the platform has reserved bay B-18 and sent its code
      Then both codes are whole, and differ

  Rule: A command reaches the lock

    @REQ-12
    Scenario Outline: A command that was lost is sent again, as it was (<command>)
      Given the next <command> command to the lock of bay B-18 is lost on its way
      When the platform is asked to reserve bay B-18 at its own coordinates
      Then the platform has sent the lost command again with its id and its sequence
      And the lock of bay B-18 stores a code

      Examples:
        | command     |
        | reserve     |
        | unlock-code |

  Rule: Old news and news of other things leave a reservation alone

    @REQ-17
    Scenario: A reserved space stays reserved when its sensor sees nothing, and when old news comes again
      Given the platform has reserved bay B-18 and sent its code
      When the lock of bay B-18 reports that nothing stands there, and its first news again
      Then bay B-18 is still reserved with its code sent

  Rule: A list is whole

    @REQ-06 @REQ-07
    Scenario: A list that changes between its pages loses no space
      When the spaces are read one by one, and the first is reserved meanwhile
      Then every space was listed, as it is in the end
