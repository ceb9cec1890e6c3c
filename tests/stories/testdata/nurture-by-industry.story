The content fits the industry

Three companies of the nurture band: the case study is that of their industry, and the general one where there is none.

About: clinic.example
Company: clinic.example, industry: Healthcare, employees: 250
Company: shop.example, industry: Retail, employees: 250
Company: farm.example, industry: Agriculture, employees: 250

Wednesday 4 March 2026
12:00  ann@clinic.example views pricing
       => nurture enrolled, asset: case-study-healthcare, score: 45
12:01  bea@shop.example views pricing
       => shop.example: nurture enrolled, asset: case-study-retail
12:02  cy@farm.example views pricing
       => farm.example: nurture enrolled, asset: case-study-general
