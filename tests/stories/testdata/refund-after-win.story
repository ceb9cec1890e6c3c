A refund after the win

A deal of nine thousand is won and a thousand given back: eight thousand are credited, and the account stays a customer.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example clicks an ad, channel: paid_search

Wednesday 4 March 2026
11:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD
12:00  deal 1 is won
       => kick_off observed
       => worth, deal: deal 1, amount: 9000.00 USD, account: initech.example
13:00  deal 1 is refunded, amount: 1000.00 USD
13:01  time passes
       => nothing
       => worth, deal: deal 1, amount: 8000.00 USD
       => stands, stage: ACTIVE_CUSTOMER
