### Queries: what is wrong with one that reads well, what stands beside an answer, and what functions do. The other language's file of the same name says the same; a test holds the two together.

query-engine = the query engine failed
query-memory = the query needs more memory than it was given: narrow it by `filter`, by its time range or by `limit`, give it more (`--memory 4GB`), or let it use a disk (`--spill DIR`)
query-sql = this is no query that can be run: expected a single `SELECT`, `EXPLAIN`, `DESCRIBE` or `SHOW TABLES`; nothing can be written
query-spill-folder = `{ $path }` is no folder: rows can be put aside only in a folder that is there
query-spill-failed = rows cannot be put aside on the disk
query-spill = rows cannot be put aside in `{ $path }`
query-file-unreadable = the file `{ $path }` cannot be read
query-column-missing = a file lacks the column `{ $name }`
query-rows-no-records = the rows of this query are no records: what is made of records needs them whole, so leave out `stats` and whatever else puts events together
query-rows-several-a-record = `{ $command }` makes several rows of a record, or one of two: what is made of records needs each once, so leave it out
query-sql-no-records = the rows of SQL are whatever the query makes them, and not records: ask in the language of Logs Insights, such as `filter class_uid = 6003`
query-output = the answer cannot be written

query-too-many-steps = the query has too many steps: at most { $limit } of `stats`, `dedup`, `limit` and the sorts between them can follow one another
query-number-too-large = `{ $text }` is too large for a number
query-regex-here = a regular expression cannot stand here: expected it behind `like` or `=~`
query-regex-literal = expected a pattern, as a string in quotes or between slashes
query-regex-unreadable = this regular expression cannot be read: { $reason }
query-duration-here = a length of time cannot stand here: expected it in `bin`, `datefloor`, `dateceil` or `rate`
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
query-structure-here = a map or a list cannot stand in `{ $command }`: go into it, such as `x.key` or `x[0]`, or make it a text with `jsonStringify`
query-offset-here = `offset` moves the `bin` of the first `stats`: expected `bin` behind its `by`
query-ranges = expected a whole number of ranges from 1 to { $most }
query-sessionize-time = `sessionize` needs the time of each row: expected it on events, or behind a `stats … by bin()`
query-fillmissing-bin = `fillmissing` adds the missing periods of a `stats`: expected it behind a `stats … by` with one `bin()`
query-fillmissing-value = this cannot be filled in: expected a number, or a string in quotes
query-fillmissing-column = the rows of `stats` have no column `{ $name }` that could be filled
query-fillmissing-kind = this value does not fit the column `{ $name }`: expected a number for numbers, and a string in quotes for text
query-fillmissing-many = `fillmissing` would add more than { $limit } rows: take a longer period in `bin`, or a shorter time range
query-compare-range = `{ $name }` compares with an earlier time: say where the time range begins, with `--from`
query-compare-patterns = `{ $name }` compares the patterns of events: expected it on events or behind `pattern`, without `stats`, `limit`, `dedup` or the like before it
query-parse-no-names = this pattern names no fields: expected groups such as `(?<user>\w+)`
query-source-range = the time range is empty: `START` is { $start } and `END` is { $end }
query-source-time = `{ $text }` cannot be read as a time: expected `now`, a stretch back such as `-1d`, a date, RFC 3339, or seconds since 1970
query-source-too-far = `-{ $length }` lies before all times
query-subquery-column = the values are looked for in one column: expected a sub-query that gives one, such as `(SOURCE 'name' | fields x)`, or one that is called as what is looked for
query-subquery-large = a sub-query of `in` gives more values than there is memory for ({ $limit } MiB): narrow it by `filter`, by `SOURCE` with `START`, or by `limit`
query-join-name-taken = a `join` before this one has a side that is called `{ $name }`: give this one another name
query-list-too-long = an event has a list, or places where a pattern is found, of more than { $limit }: leave it out by `filter`
query-lookup-no-folder = the table `{ $name }` is not known: say in which folder `{ $name }.csv` is, by `--lookups DIR`
query-lookup-no-table = there is no table `{ $name }`: expected the file `{ $name }.csv` in the folder of `--lookups`
query-lookup-no-table-near = there is no table `{ $name }`: did you mean `{ $near }`?
query-lookup-name = `{ $name }` cannot be a table's name: expected letters, digits, `_` and `-`
query-lookup-unreadable = the table `{ $path }` cannot be read as CSV in UTF-8 with a line of names: { $reason }
query-lookup-too-large = the table `{ $path }` is too large: at most { $limit } MiB are read
query-lookup-too-many = the query names too many tables: at most { $limit } are read
query-lookup-no-column = the table has no column `{ $name }`: it has { $known }
query-lookup-no-column-near = the table has no column `{ $name }`: did you mean `{ $near }`?
query-cidrlookup-no-column = which column of the table has the address ranges is not clear: name it, such as `cidrlookup table ip as cidr OUTPUT name`

query-hint-beyond = no event is of this time range: those that there are lie between { $first } and { $last }
query-hint-case = { $count } more { $count ->
    [one] event differs
   *[other] events differ
} only by case: `{ $pattern }`
query-hint-case-least = at least { $count } more { $count ->
    [one] event differs
   *[other] events differ
} only by case: `{ $pattern }`
query-hint-case-part = at least { $count } more { $count ->
    [one] event differs
   *[other] events differ
} only by case (the search ended early, at its limit): `{ $pattern }`
query-hint-dots = in `/{ $pattern }/` a dot stands for any character: `/{ $escaped }/` means the address alone, and lets the index pass over files
query-hint-no-field = no event that was looked at has the field `{ $name }`
query-hint-no-field-near = no event that was looked at has the field `{ $name }`: did you mean `{ $near }`?
query-hint-no-column = the rows of `stats` have no column `{ $name }`
query-hint-no-column-near = the rows of `stats` have no column `{ $name }`: did you mean `{ $near }`?
query-hint-own = records of shoseki's own are not among what is asked about: `--source shoseki` asks for them
query-hint-no-stream = there is no stream `{ $name }`
query-hint-no-stream-near = there is no stream `{ $name }`: did you mean `{ $near }`?
query-hint-no-stream-prefix = the name of no stream begins with `{ $name }`
query-hint-no-match = the answer has no column that `{ $pattern }` could mean
query-hint-anomaly-range = `anomaly` has no earlier time to compare with and tells only what is rare: say where the time range begins, with `--from`
query-hint-mapped = `{ $name }` of applications' events is read by the mapping
query-mapping-unreadable = this is no mapping: expected TOML with `[[app]]`, and in it `streams`, `who`, `who_type`, `action`, `result`, `success`, `failure`, `address`, `resource` and `error`, each a list of texts
query-mapping-many = `{ $list }` of the mapping has more than { $limit } entries
query-mapping-name = `{ $list }` of the mapping has the entry `{ $name }`: expected a text of 1 to { $limit } bytes
query-mapping-words = `success` and `failure` are values of a `result`: say which names it has
query-mapping-both = `{ $word }` cannot mean success and failure
query-mapping-nothing = an `[[app]]` of the mapping says nothing: expected a list such as `who = ["user.email"]`
query-mapping-long = the mapping is longer than { $limit } bytes
query-mapping-of-vault = the mapping in the vault's configuration cannot be read: a newer version may have written it; `shoseki mapping set` or `mapping remove` changes it

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
query-function-secrets = the kinds of secrets in a text or an event (tokens, passwords, keys, card numbers), each once
query-function-sha256 = the SHA-256 of the text
query-function-ipv4tonumber = the IPv4 address as a number
query-function-isprivateip = whether the address is one of private networks
query-function-ispublicip = whether the address is one of the Internet
query-function-isreservedip = whether the address is set apart, such as for this machine, links or examples
query-function-haversine = the distance in kilometres between two places, by latitude and longitude in degrees
query-function-unmask = the value itself; a vault masks nothing
query-function-messagesize = the bytes of the event, or of a field
query-function-querystarttime = when the time range of the query begins; where nothing was said, with the earliest event
query-function-queryendtime = when the time range of the query ends; where nothing was said, now
query-function-querytimerange = how long the time range of the query is, in milliseconds
query-function-split = the list of the parts of a text between the occurrences of another
query-function-jsonparse = the map or the list that a text is in JSON
query-function-jsonstringify = a map or a list as JSON
query-function-jsonarraysize = how many parts a list has
query-function-jsonarraycontains = whether a part of a list is equal to the value

query-functions-general = What is there, and choice
query-functions-numbers = Numbers
query-functions-text = Text
query-functions-json = Maps and lists
query-functions-time = Time
query-functions-addresses = Addresses

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
query-aggregate-histogram = how many numbers lie in each of so many ranges of equal width, as a map
query-aggregate-rate = how much the number changes in a period, from its earliest event to its latest
query-aggregate-countovertime = the number of events, or of those that have the field, in each `bin`
query-aggregate-sumovertime = the sum of the numbers in each `bin`
query-not-repeatable = the query need not give the same rows each time, because of `{ $what }`: give it an order by "@ptr" before its limit, or ask in another way
query-any-not-repeatable = `limit any` takes whichever rows are found first, so the query need not give the same rows each time: write `limit`
