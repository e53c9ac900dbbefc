### What is said of a question that is written as elsewhere, or with a date that cannot be read. The other language's file of the same name says the same; a test holds the two together.

question-instead = `{ $found }` is written `{ $instead }` here
question-date-quotes = a date stands in quotes: `'{ $date }'`
question-out-ending = which format a file `.{ $ending }` has is not known: expected `.csv`, `.json`, `.jsonl` or `.parquet`, or the format by `-o`
question-date-format = `{ $part }` is nothing that a format of a date can have: known are { $known }, text between `'`, and formats with `%` such as `%Y-%m-%d`
question-date-format-short = no time can be read by `{ $format }`: it needs a year, a month and a day, an hour before minutes, and `a` (AM or PM) beside `hh`
question-zone-unknown = there is no time zone `{ $name }`: expected one such as `Asia/Tokyo` or `UTC`
question-zone-unknown-near = there is no time zone `{ $name }`: did you mean `{ $near }`?
