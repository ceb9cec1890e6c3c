A device that everybody uses is nobody's

A kiosk is the first visitor's, for all that is known. Seventeen people later it links nobody: what is done there belongs to
nobody's account.

About: anon:web/kiosk

Wednesday 4 March 2026
12:00  p1@c1.example is identified, also: visitor kiosk
       => belongs, who: visitor kiosk, to: c1.example
12:01  p2@c2.example is identified, also: visitor kiosk
12:02  p3@c3.example is identified, also: visitor kiosk
12:03  p4@c4.example is identified, also: visitor kiosk
12:04  p5@c5.example is identified, also: visitor kiosk
12:05  p6@c6.example is identified, also: visitor kiosk
12:06  p7@c7.example is identified, also: visitor kiosk
12:07  p8@c8.example is identified, also: visitor kiosk
12:08  p9@c9.example is identified, also: visitor kiosk
12:09  p10@c10.example is identified, also: visitor kiosk
12:10  p11@c11.example is identified, also: visitor kiosk
12:11  p12@c12.example is identified, also: visitor kiosk
12:12  p13@c13.example is identified, also: visitor kiosk
12:13  p14@c14.example is identified, also: visitor kiosk
12:14  p15@c15.example is identified, also: visitor kiosk
12:15  p16@c16.example is identified, also: visitor kiosk
12:16  p17@c17.example is identified, also: visitor kiosk
       => belongs, who: visitor kiosk, to: visitor kiosk
12:20  visitor kiosk views pricing
       => nothing
       => stands, score: 30
       => c17.example: stands, score: 0
       => c16.example: stands, score: 0
