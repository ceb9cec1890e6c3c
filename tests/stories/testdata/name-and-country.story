Of two accounts of one name, the one in the lead's country

Two companies are called Raviga, one in Germany and one in the United States. A lead who names the company and writes from a
private address is matched to the one in her country, and one who names no country to neither.

About: crm 2

Wednesday 4 March 2026
12:00  crm 1 is updated as an account, also: name Raviga GmbH + country Deutschland, name: Raviga GmbH, country: Deutschland
12:01  crm 2 is updated as an account, also: name Raviga Inc. + country USA, name: Raviga Inc.
       => nothing
12:10  contact 7 becomes a lead, also: kim@gmail.com + name Raviga + country United States
       => belongs, who: contact 7, to: crm 2
12:11  contact 8 becomes a lead, also: lou@gmail.com + name Raviga
       => belongs, who: contact 8, to: lou@gmail.com
       => explain, says: "name and country"
