Who asked is called, also where it is known late

On a device without a name somebody asks for a demo. Bob of the same company looks at prices after that. When the device turns
out to be Ann's, the request becomes the company's: Ann is to be called, not Bob, who was seen last. A test that is
recognised late stays a test.

About: initech.example
Company: initech.example, name: Initech, employees: 40

Wednesday 4 March 2026
12:00  visitor v-1 requests a demo
       => nothing
12:02  ann@initech.example is identified, name: Ann Lee, happened: 11:40
12:05  bob@initech.example is identified, name: Bob Stone
       => nothing
12:10  bob@initech.example views pricing
       => nothing
12:20  user u-ann is identified, also: visitor v-1 + ann@initech.example, happened: 11:50
       => hand_raise offered, to: ann@handoff.example, due: 13:20, person: ann@initech.example, because: "Ann Lee of Initech (40 people) asked for a demo on 4 March"
12:30  visitor v-2 requests a demo, test: yes
       => nothing
12:40  user u-cid is identified, also: visitor v-2 + cid@hooli.example
       => hooli.example: hand_raise gated:test
