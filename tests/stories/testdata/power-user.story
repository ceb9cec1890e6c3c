A customer who uses the product day by day

Twelve active days within four weeks make a power user.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed
10:01  ann@initech.example finishes onboarding

Tuesday 3 March 2026
10:00  ann@initech.example uses a feature

Wednesday 4 March 2026
10:00  ann@initech.example uses a feature

Thursday 5 March 2026
10:00  ann@initech.example uses a feature

Friday 6 March 2026
10:00  ann@initech.example uses a feature

Monday 9 March 2026
10:00  ann@initech.example uses a feature

Tuesday 10 March 2026
10:00  ann@initech.example uses a feature

Wednesday 11 March 2026
10:00  ann@initech.example uses a feature

Thursday 12 March 2026
10:00  ann@initech.example uses a feature

Friday 13 March 2026
10:00  ann@initech.example uses a feature

Monday 16 March 2026
10:00  ann@initech.example uses a feature
       => stands, stage: ACTIVE_CUSTOMER

Tuesday 17 March 2026
10:00  ann@initech.example uses a feature
       => stands, stage: ACTIVE_CUSTOMER
21:00  time passes
       => stands, stage: POWER_USER
