A champion changes companies

Ann is at Initech, a customer. She says so herself when she signs in from another company: success is told that she left, and
sales that somebody who knows us works at Globex now, both with where. That the link turns out to be wrong takes both back.

About: initech.example

Monday 2 March 2026
10:00  user u-ann is identified, also: ann@initech.example, name: Ann Lee, title: CTO
10:10  bob@initech.example subscribes
       => kick_off observed

Thursday 5 March 2026
09:00  user u-ann is identified, also: ann@globex.example, title: CTO
       => globex.example: champion_arrived observed, person: ann@globex.example
09:05  time passes
       => champion_left observed
       => stands, plays: champion_left + kick_off
       => explain, says: "lost somebody to another company on 5 March: Ann Lee (CTO), now at globex.example"
       => globex.example: explain, says: "gained somebody from another company on 5 March: ann@globex.example (CTO), from initech.example"
       => globex.example: stands, plays: champion_arrived
10:00  operator unmerges user u-ann from ann@globex.example, why: it is her husband's
       => nothing
       => belongs, who: user u-ann, to: initech.example
       => globex.example: stands, plays: none
