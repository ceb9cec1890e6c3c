A lead is matched to an account by the company's name

Kim writes from a private address and names her company. One account of the CRM carries that name, though spelled otherwise and
without a website: she is matched to it. Then a second account of the same name comes, and nobody can tell any more which she
means: she is matched to neither, and it says so. Her request was acted on once, and is not acted on again.

About: crm 1

Wednesday 4 March 2026
12:00  crm 1 is updated as an account, also: name Raviga Capital Inc., name: Raviga Capital Inc.
       => nothing
12:10  contact 7 becomes a lead, also: kim@gmail.com + name RAVIGA CAPITAL, company: RAVIGA CAPITAL
       => belongs, who: contact 7, to: crm 1
12:20  kim@gmail.com requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:20
12:30  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach, because: "within 10m0s"
13:00  crm 2 is updated as an account, also: name Raviga Capital, name: Raviga Capital
       => nothing
       => belongs, who: contact 7, to: kim@gmail.com
       => belongs, who: contact 7, to: kim@gmail.com, at: Wednesday 4 March 12:25
       => kim@gmail.com: explain, says: "no account for sure"
