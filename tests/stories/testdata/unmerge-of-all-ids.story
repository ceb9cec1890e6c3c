Who is parted from a company is parted from it by all that is known of them

Kim's address is of Hooli, and the CRM's contact of her names the company besides. She works for somebody else: parted by her
address, she does not stay Hooli's by the name. Taken back, both count again.

About: hooli.example
Company: hooli.example, name: Hooli, industry: Retail, employees: 20

Wednesday 4 March 2026
12:00  kim@hooli.example views pricing
       => stands, score: 30
12:01  contact 7 becomes a lead, also: kim@hooli.example + name HOOLI
       => belongs, who: contact 7, to: hooli.example
12:10  operator unmerges kim@hooli.example from hooli.example, why: a contractor with a mailbox there
       => belongs, who: kim@hooli.example, to: kim@hooli.example
       => belongs, who: contact 7, to: kim@hooli.example
       => stands, score: 0
       => kim@hooli.example: stands, score: 30
12:20  operator merges kim@hooli.example with hooli.example, why: they hired her
       => belongs, who: kim@hooli.example, to: hooli.example
       => belongs, who: contact 7, to: hooli.example
       => stands, score: 30
