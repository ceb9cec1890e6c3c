A merge of a merge is undone where it was wrong

Gamma was bought by Beta and Beta by Acme. Parted from Acme, Gamma takes nothing along but itself: Beta stays with Acme. Beta
parted from Acme keeps what it took in, and of a circle only the link that is named is undone.

About: acme.example

Wednesday 4 March 2026
12:00  ann@acme.example views pricing
       => stands, score: 30
12:01  bob@beta.example attends a webinar
12:02  cy@gamma.example downloads content
12:10  operator merges gamma.example with beta.example, why: bought
       => belongs, who: cy@gamma.example, to: beta.example
12:11  operator merges beta.example with acme.example, why: bought
       => nurture enrolled
       => belongs, who: cy@gamma.example, to: acme.example
       => stands, score: 45, rule: Webinar attended = 15
12:20  operator unmerges gamma.example from acme.example, why: never bought
       => belongs, who: cy@gamma.example, to: gamma.example
       => belongs, who: bob@beta.example, to: acme.example
12:30  operator merges gamma.example with beta.example, why: bought after all
       => belongs, who: cy@gamma.example, to: acme.example
12:40  operator unmerges beta.example from acme.example, why: not yet
       => belongs, who: cy@gamma.example, to: beta.example
       => belongs, who: bob@beta.example, to: beta.example
       => stands, score: 30
12:50  operator merges beta.example with acme.example, why: now
       => stands, score: 45
13:00  operator merges acme.example with beta.example, why: a slip
       => belongs, who: ann@acme.example, to: acme.example
       => belongs, who: bob@beta.example, to: acme.example
       => stands, score: 45
13:10  operator unmerges acme.example from beta.example, why: a slip
       => belongs, who: bob@beta.example, to: acme.example
       => belongs, who: ann@acme.example, to: acme.example
13:20  operator unmerges beta.example from acme.example, why: sold
       => belongs, who: cy@gamma.example, to: beta.example
       => stands, score: 30
