A device that everybody uses is nobody's

Six people identify themselves on the same kiosk. From the sixth on it links nobody: what is done there belongs to no account.
Five may pass a device on to each other; each has it for a time.

About: anon:web/kiosk

Wednesday 4 March 2026
12:00  p1@c1.example is identified, also: visitor kiosk
12:01  p2@c2.example is identified, also: visitor kiosk
12:02  p3@c3.example is identified, also: visitor kiosk
12:03  p4@c4.example is identified, also: visitor kiosk
12:04  p5@c5.example is identified, also: visitor kiosk
       => belongs, who: visitor kiosk, to: c5.example
12:05  p6@c6.example is identified, also: visitor kiosk
       => belongs, who: visitor kiosk, to: visitor kiosk
12:10  visitor kiosk views pricing
       => nothing
       => stands, score: 30
       => c6.example: stands, score: 0
       => c5.example: stands, score: 0
