### Queries: what is wrong with one that reads well, what stands beside an answer, and what functions do. The other language's file of the same name says the same; a test holds the two together.

query-engine = the query engine failed
query-memory = the query needs more memory than it was given: narrow it by `filter`, by its time range or by `limit`, give it more (`--memory 4GB`), or let it use a disk (`--spill DIR`)
query-sql = this is no query that can be run: expected a single `SELECT`, `EXPLAIN`, `DESCRIBE` or `SHOW TABLES`; nothing can be written
query-spill-folder = `{ $path }` is no folder: rows can be put aside only in a folder that is there
query-spill-failed = rows cannot be put aside on the disk
query-spill = rows cannot be put aside in `{ $path }`
query-file-unreadable = the file `{ $path }` cannot be read
query-column-missing = a file lacks the column `{ $name }`
query-output = the answer cannot be written

query-too-many-steps = the query has too many steps: at most { $limit } of `stats`, `dedup`, `limit` and the sorts between them can follow one another
query-number-too-large = `{ $text }` is too large for a number
query-regex-here = a regular expression cannot stand here: expected it behind `like` or `=~`
query-regex-literal = expected a pattern, as a string in quotes or between slashes
query-regex-unreadable = this regular expression cannot be read: { $reason }
query-duration-here = a length of time cannot stand here: expected it in `bin`, `datefloor` or `dateceil`
query-period-literal = expected a length of time, such as `5m` or `1d`
query-star-here = `*` cannot stand here: expected it in `count(*)`
query-percent = expected a number from 0 to 100
query-function-unknown = there is no function `{ $name }`
query-function-unknown-near = there is no function `{ $name }`: did you mean `{ $near }`?
query-aggregate-here = `{ $name }` can stand in `stats` only, and not in another aggregate
query-stats-field = `{ $name }` is neither an aggregate nor a group: put it behind `by`, or into an aggregate such as `latest({ $name })`
query-arguments = `{ $name }` was given { $count } arguments, expected { $expected }
query-arguments-between = `{ $name }` was given { $count } arguments, expected { $least } to { $most }
query-arguments-least = `{ $name }` was given { $count } arguments, expected at least { $least }
query-parse-no-names = this pattern names no fields: expected groups such as `(?<user>\w+)`

query-hint-case = { $count } more { $count ->
    [one] event differs
   *[other] events differ
} only by case: `{ $pattern }`
query-hint-case-part = at least { $count } more { $count ->
    [one] event differs
   *[other] events differ
} only by case (the search ended early, at its limit): `{ $pattern }`
query-hint-no-field = no event that was looked at has the field `{ $name }`
query-hint-no-field-near = no event that was looked at has the field `{ $name }`: did you mean `{ $near }`?
query-hint-no-column = the rows of `stats` have no column `{ $name }`
query-hint-no-column-near = the rows of `stats` have no column `{ $name }`: did you mean `{ $near }`?

query-function-ispresent = whether the field is there
query-function-coalesce = the first value that is there
query-function-if = the second value where the condition holds, else the third
query-function-case = the value behind the first condition that holds, else the last value
query-function-isnumeric = whether the value is a number
query-function-abs = the value without its sign
query-function-ceil = the next whole number upwards
query-function-floor = the next whole number downwards
query-function-greatest = the greatest of the numbers
query-function-least = the least of the numbers
query-function-log = the natural logarithm
query-function-round = the nearest whole number
query-function-sqrt = the square root
query-function-tonumber = the value as a number
query-function-toint = the value as a whole number, without its decimals
query-function-isempty = 1 where the field is missing or empty, else 0
query-function-isblank = 1 where the field is missing, empty or only blanks, else 0
query-function-concat = the texts one after another; missing ones are empty
query-function-trim = the text without blanks, or these letters, at both ends
query-function-ltrim = the text without blanks, or these letters, at its beginning
query-function-rtrim = the text without blanks, or these letters, at its end
query-function-strlen = the number of code points
query-function-toupper = the text in upper case
query-function-tolower = the text in lower case
query-function-substr = the part from a place (the first is 0), of a length
query-function-replace = the text with every occurrence replaced
query-function-strcontains = 1 where the text holds the other, else 0
query-function-startswith = whether the text begins with the other
query-function-endswith = whether the text ends with the other
query-function-regexreplace = the text with everything that the pattern finds replaced
query-function-bin = the beginning of the period that holds the event; exact, unlike AWS for more than 60 of a unit
query-function-datefloor = the time rounded down to a period
query-function-dateceil = the time rounded up to a period
query-function-frommillis = the time of milliseconds since 1970
query-function-tomillis = the milliseconds since 1970 of a time
query-function-now = when the query began, in seconds since 1970
query-function-formatdate = the time in a format of Java's (`yyyy-MM-dd`) or with `%` (`%Y-%m-%d`), in a zone
query-function-parsedate = the time that a text names in a format of Java's, in a zone
query-function-isvalidip = whether the text is an IPv4 or IPv6 address
query-function-isvalidipv4 = whether the text is an IPv4 address
query-function-isvalidipv6 = whether the text is an IPv6 address
query-function-isipinsubnet = whether the address lies in the subnet
query-function-isipv4insubnet = whether the IPv4 address lies in the subnet
query-function-isipv6insubnet = whether the IPv6 address lies in the subnet
query-function-urlencode = the text as a part of a URL
query-function-urldecode = the text of a part of a URL; `+` is a blank
query-function-base64encode = the bytes of the text in base64
query-function-base64decode = the text whose bytes stand in base64
query-function-hextoascii = the text whose bytes stand in hexadecimal
query-function-hextodec = the number that stands in hexadecimal
query-function-dectohex = the whole number in hexadecimal
query-function-md5 = the MD5 of the text, to compare with what others state; it protects nothing
query-function-sha256 = the SHA-256 of the text
query-function-ipv4tonumber = the IPv4 address as a number
query-function-isprivateip = whether the address is one of private networks
query-function-ispublicip = whether the address is one of the Internet
query-function-isreservedip = whether the address is set apart, such as for this machine, links or examples
query-function-haversine = the distance in kilometres between two places, by latitude and longitude in degrees

query-aggregate-count = the number of events, or of those that have the field
query-aggregate-count-distinct = the number of different values, exactly
query-aggregate-avg = the mean of the numbers
query-aggregate-sum = the sum of the numbers
query-aggregate-min = the least number, or the earliest time
query-aggregate-max = the greatest number, or the latest time
query-aggregate-pct = the value below which so many percent of the numbers lie, exactly
query-aggregate-median = the number in the middle
query-aggregate-stddev = the standard deviation of the numbers, as a sample
query-aggregate-earliest = the value of the earliest event that has one
query-aggregate-latest = the value of the latest event that has one
query-aggregate-sortsfirst = the value that `sort` puts first
query-aggregate-sortslast = the value that `sort` puts last
