An address made to be thrown away says no company

Two people with addresses at the same throw-away host are two accounts of one, not colleagues.

About: ann@mailinator.com

Wednesday 4 March 2026
12:00  ann@mailinator.com views pricing
12:01  bob@mailinator.com attends a webinar
       => nothing
       => belongs, who: ann@mailinator.com, to: ann@mailinator.com
       => belongs, who: bob@mailinator.com, to: bob@mailinator.com
       => stands, score: 30
       => bob@mailinator.com: stands, score: 15
