The content is chosen by a rule, and it is said by which

Who reads the docs gets the guide for developers, whatever the industry; after that the industry counts.

About: clinic.example
Company: clinic.example, industry: Healthcare, employees: 250
Company: shop.example, industry: Healthcare, employees: 250
Company: farm.example, industry: Agriculture, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: nurture
|     assets:
|       - {when: {touch: docs_viewed, at_least: 2, within: 30d}, asset: developer-guide}
|       - {when: {field: industry, is: Healthcare}, asset: case-study-healthcare}

Wednesday 4 March 2026
11:00  ann@clinic.example reads the docs
11:01  ann@clinic.example reads the docs
12:00  ann@clinic.example views pricing
       => nurture enrolled, asset: developer-guide, score: 45
       => explain, says: "Content: developer-guide, as rule 1 of 2", says: "docs viewed 2 times"
12:01  bea@shop.example views pricing
       => shop.example: nurture enrolled, asset: case-study-healthcare
12:02  cy@farm.example views pricing
       => farm.example: nurture enrolled, asset: case-study-general
