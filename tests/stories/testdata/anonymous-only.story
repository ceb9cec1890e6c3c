A stranger without a name contacts nobody

A visitor whom nobody can address looks at prices and attends a webinar: 45 points, the nurture band. There is nobody to
write to, so nobody is enrolled until the visitor says a name; then it happens at once, by the same evidence.

About: ann@gmail.com

Wednesday 4 March 2026
12:00  visitor v-1 views pricing
       => nothing
12:05  visitor v-1 attends a webinar
       => anon:web/v-1: stands, score: 45, band: nurture, stage: ANONYMOUS_VISITOR
       => anon:web/v-1: explain, at: 2026-03-04, says: "The play nurture held, and nobody could be contacted: it is a device that nobody has named."
15:00  ann@gmail.com is identified, also: visitor v-1
       => nurture enrolled, person: ann@gmail.com, score: 45
