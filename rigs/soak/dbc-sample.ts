/** A DBC file that has every construct of the format once, for tests and as the ground that fuzzing starts from. */
export const DBC_SAMPLE = `VERSION "4.2" // as written by no tool

NS_ :
\tNS_DESC_
\tCM_
\tBA_DEF_
\tFILTER
\tSG_MUL_VAL_

BS_: 500000 : 1,2

BU_: Gate Motor_short Lamp_

VAL_TABLE_ Switch 0 "off" 1 "on \\"full\\"" ;
VAL_TABLE_ Empty ;

BO_ 256 Drive: 8 Motor_short
 SG_ Speed : 7|16@0+ (0.01,-10) [-10|645.35] "km/h" Gate,Lamp_
 SG_ Torque : 16|12@1- (5E-001,+0) [0|0] "N m"  Gate Lamp_
 SG_ Gear : 28|4@1+ (1,-0) [0|8] "" Vector__XXX
 SG_ Power : 39|32@0- (1,0) [0|0] "kW" Gate

BO_ 2566844672 Page: 8 Gate
 SG_ Selector M : 0|8@1- (1,0) [0|0] "" Motor_short
 SG_ Inner m1M : 8|8@1+ (1,0) [0|0] "" Motor_short
 SG_ Deep m3 : 16|8@1+ (1,0) [0|0] "" Motor_short
 SG_ Other m200 : 15|16@0+ (1,0) [0|0] "" Motor_short

BO_ 512 Wide_short: 64 Gate
 SG_ Counter : 0|64@1+ (1,0) [0|18446744073709551615] "" Lamp_
 SG_ Offset_short : 71|64@0- (1,0) [-9.22337203685478E+018|9.22337203685478E+018] "" Lamp_
 SG_ Ratio : 128|64@1- (1,0) [0|0] "" Lamp_
 SG_ Odd : 195|53@1- (1,0) [0|0] "" Lamp_
 SG_ Block : 256|128@1+ (1,0) [0|0] "" Lamp_

BO_ 3 Empty: 0 Vector__XXX

BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
 SG_ Orphan : 0|8@1+ (1,0) [0|0] "" Vector__XXX

BO_TX_BU_ 256 : Motor_short,Gate;

EV_ Ambient: 1 [-40|80] "C" 20 1 DUMMY_NODE_VECTOR0 Gate,Lamp_;
EV_DATA_ Blob: 10;
ENVVAR_DATA_ Ambient: 10;
SGTYPE_ Kind : 8@1+ ;
SIG_TYPE_REF_ 256 Gear : Kind;

CM_ "the whole
file; with // no comment";
CM_ BU_ Lamp_ "";
CM_ BO_ 256 "says \\"hello\\", C:\\\\dir";
CM_ SG_ 256 Gear "0 is neutral";
CM_ SG_ 3221225472 Orphan "belongs to nothing";
CM_ EV_ Ambient "outside";

BA_DEF_ "BusType" STRING ;
BA_DEF_ BU_ "Address" HEX 0 255;
BA_DEF_ BU_ "SystemNodeLongSymbol" STRING ;
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_ BO_ "GenMsgSendType" ENUM "Cyclic","OnChange","NotUsed";
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG","StandardCAN_FD","ExtendedCAN_FD";
BA_DEF_ BO_ "SystemMessageLongSymbol" STRING ;
BA_DEF_ SG_ "GenSigStartValue" FLOAT -1E+010 1E+010;
BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
BA_DEF_ SG_ "Colour" ENUM "red" "green";
BA_DEF_ EV_ "Note" STRING;
BA_DEF_SGTYPE_ "Sort" INT 0 1;
BA_DEF_REL_ BU_SG_REL_ "Timeout" INT 0 1000;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_DEF_DEF_ "GenMsgSendType" "OnChange";
BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
BA_DEF_DEF_ "GenSigStartValue" 0;
BA_DEF_DEF_ "Colour" "green";
BA_DEF_DEF_REL_ "Timeout" 0;
BA_ "BusType" "CAN FD";
BA_ "Address" BU_ Motor_short 17;
BA_ "SystemNodeLongSymbol" BU_ Motor_short "Motor_with_a_name_of_more_than_32_characters";
BA_ "GenMsgCycleTime" BO_ 256 20;
BA_ "GenMsgSendType" BO_ 256 0;
BA_ "VFrameFormat" BO_ 512 4;
BA_ "VFrameFormat" BO_ 2566844672 "ExtendedCAN";
BA_ "SystemMessageLongSymbol" BO_ 512 "Wide_with_a_name_of_more_than_32_characters";
BA_ "SystemSignalLongSymbol" SG_ 512 Offset_short "Offset_with_a_name_of_more_than_32_characters";
BA_ "GenSigStartValue" SG_ 256 Speed 1500;
BA_ "GenSigStartValue" SG_ 256 Gear 15;
BA_ "GenSigStartValue" SG_ 256 Power 1.5;
BA_ "GenSigStartValue" SG_ 2566844672 Selector 1;
BA_ "Colour" SG_ 256 Gear 0;
BA_ "Note" EV_ Ambient "shade";
BA_REL_ "Timeout" BU_SG_REL_ Gate SG_ 256 Gear 60;
BA_SGTYPE_ "Sort" SGTYPE_ Kind 1;
CAT_DEF_ 1 Body 2;
CAT_ BU_ Gate 1;
FILTER 1 CAT_ 1 BU_ 1 Gate;

VAL_ 256 Gear 15 "none" 0 "neutral" 1 "first" -1 "never" ;
VAL_ 512 Counter 18446744073709551615 "invalid" 18446744073709551614 "fault" 0 "start" ;
VAL_ Ambient 0 "cold" ;

SIG_GROUP_ 256 Motion 1 : Speed Torque;
SIG_GROUP_ 512 Nothing 1 :;
SIG_VALTYPE_ 256 Power : 1;
SIG_VALTYPE_ 512 Ratio : 2;
SG_MUL_VAL_ 2566844672 Inner Selector 1-1;
SG_MUL_VAL_ 2566844672 Deep Inner 3-5, 9-9;
SG_MUL_VAL_ 2566844672 Other Selector 200-200;
`
