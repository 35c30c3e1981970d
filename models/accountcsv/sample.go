package accountcsv

// Sample is a file that Read takes as it is. Its people are invented; it begins with a byte order mark, by which spreadsheets
// know UTF-8.
const Sample = byteOrderMark + `identifiers,name,date_of_birth,contact,status,latin_name,presence,two_person
K-2001;ada@example.org,Ada Example,1980-05-31,ada@example.org,active,,,
K-2002;+46 70 174 06 05,Chloë Example,1999-12-31,+46 70 174 06 05,active,,required,
K-2003,山本 健一,1972-03-09,,suspended,Kenichi Yamamoto,,required
`
