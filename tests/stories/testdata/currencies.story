Two currencies are never added up

One deal in dollars and one in yen, which has no cents: each is credited by itself.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example clicks an ad, channel: paid_search

Wednesday 4 March 2026
11:00  deal 1 is opened, of: initech.example, amount: 9000.50 USD
11:01  deal 2 is opened, of: initech.example, amount: 99999 JPY
12:00  deal 1 is won
       => kick_off observed
12:30  deal 2 is won
       => nothing
       => worth, deal: deal 1, amount: 9000.50 USD
       => worth, deal: deal 2, amount: 99999 JPY
