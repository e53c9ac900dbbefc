### The query language: what is wrong with a query, and what its commands do. The other language's file of the same name says the same; a test holds the two together.

insights-expected = found `{ $found }`, expected { $expected ->
    [command] a command, such as `fields` or `filter`
    [next-command] `|` and the next command, or the end
    [expression] a field, a value or a function
    [field] a field; other characters than letters, digits, `_`, `.` and `@` need backticks
    [name] a name; other characters than letters, digits, `_`, `.` and `@` need backticks
    [whole-number] a whole number
    [text] a string in quotes
    [regex] a regular expression between slashes, such as `/delete|update/`
    [pattern] a string in quotes, or a regular expression between slashes
    [field-or-pattern] a field, a string in quotes, or a regular expression between slashes
    [list] a list in brackets, such as `["a", "b"]`, or a sub-query such as `(SOURCE 'name' | fields x)`
    [key] a key of a map, such as `.name`; other characters than letters, digits, `_`, `.` and `@` need backticks
    [list-end] `]`
    [period] a length of time, such as `1h` or `1d`
    [comma-or-list-end] `,` or `]`
    [comma-or-closing] `,` or `)`
    [like-or-in] `like` or `in`
    [closing] an operator or `)`
    [opening] `(`
    [as] `as` and a name for each `*`
    [subquery] a sub-query in parentheses, such as `(SOURCE 'name' | fields x)`
    [subquery-end] `|` and the next command, or `)` at the end of the sub-query
    [into] `into` and a name for an element
    [source] a stream's name in quotes, or `logGroups(namePrefix: ['…'])`
    [colon] `:`
    [moment] a time: `now`, `-1d`, or a date in quotes
    [join-type] `inner` or `left`
    [join-options] `left=` and `right=`, each with a name for its side
    [join-where] `where` and the fields that must be equal, such as `a.id=b.id`
    [equal] `=`
    [output] `OUTPUT` or `OUTPUTNEW`, and columns of the table
    [as-map] `as` and a name
    [boolean] `true` or `false`
    [number] a number
    [for] `for` and the column that gets this value
    [remove-or-transform] `remove` or `transform`
    [previous] `previousDay`, `previousWeek`, `previousMonth` or nothing
    [timeshift] `timeshift` and a length of time, such as `timeshift 7d`
    [where] `where` and a condition, such as `where status >= 500`
   *[other] { $expected }
}
insights-expected-at-end = the query ends here, expected { $expected ->
    [command] a command, such as `fields` or `filter`
    [next-command] `|` and the next command, or the end
    [expression] a field, a value or a function
    [field] a field
    [name] a name
    [whole-number] a whole number
    [text] a string in quotes
    [regex] a regular expression between slashes, such as `/delete|update/`
    [pattern] a string in quotes, or a regular expression between slashes
    [field-or-pattern] a field, a string in quotes, or a regular expression between slashes
    [list] a list in brackets, such as `["a", "b"]`, or a sub-query such as `(SOURCE 'name' | fields x)`
    [key] a key of a map, such as `.name`; other characters than letters, digits, `_`, `.` and `@` need backticks
    [list-end] `]`
    [period] a length of time, such as `1h` or `1d`
    [comma-or-list-end] `,` or `]`
    [comma-or-closing] `,` or `)`
    [like-or-in] `like` or `in`
    [closing] `)`
    [opening] `(`
    [as] `as` and a name for each `*`
    [subquery] a sub-query in parentheses, such as `(SOURCE 'name' | fields x)`
    [subquery-end] `|` and the next command, or `)` at the end of the sub-query
    [into] `into` and a name for an element
    [source] a stream's name in quotes, or `logGroups(namePrefix: ['…'])`
    [colon] `:`
    [moment] a time: `now`, `-1d`, or a date in quotes
    [join-type] `inner` or `left`
    [join-options] `left=` and `right=`, each with a name for its side
    [join-where] `where` and the fields that must be equal, such as `a.id=b.id`
    [equal] `=`
    [output] `OUTPUT` or `OUTPUTNEW`, and columns of the table
    [as-map] `as` and a name
    [boolean] `true` or `false`
    [number] a number
    [for] `for` and the column that gets this value
    [remove-or-transform] `remove` or `transform`
    [previous] `previousDay`, `previousWeek`, `previousMonth` or nothing
    [timeshift] `timeshift` and a length of time, such as `timeshift 7d`
    [where] `where` and a condition, such as `where status >= 500`
   *[other] { $expected }
}
insights-pipe-missing = `|` is missing before the command `{ $name }`
insights-word-near = found `{ $found }`: did you mean `{ $near }`?
insights-text-unterminated = this string is not closed: expected the same quote again
insights-name-unterminated = this name in backticks is empty or not closed
insights-regex-unterminated = this regular expression is not closed on its line: expected `/`
insights-regex-flags = found `{ $flags }` behind the regular expression: flags go inside of it, such as `/(?i)delete/`
insights-number-not-whole = `{ $text }` is not a whole number from 0
insights-duration-unreadable = `{ $text }` is neither a number nor a length of time: expected a whole number and one of `ms` `s` `m` `h` `d` `w` `mo` `q` `y`, such as `5m`; a field that begins with a digit needs backticks
insights-command-unknown = unknown command `{ $name }`: expected one such as `fields`, `filter`, `stats`, `sort` or `limit`
insights-command-unknown-near = unknown command `{ $name }`: did you mean `{ $near }`?
insights-parse-stars = there must be as many names as there are `*`: found { $stars } of `*` and { $names } of names
insights-parse-paths = there must be as many names as there are paths: found { $paths } of paths and { $names } of names
insights-filterindex-condition = no index answers this: expected `field = value` or `field in [value, …]`, with `and` or `or` between; `filter` takes any condition
insights-subquery-nested = a sub-query cannot stand in another
insights-source-first = `SOURCE` can only stand at the beginning of a query or of a sub-query
insights-source-foreign = { $name ->
    [dataSource] `dataSource` means nothing here: to ask for a source, use `filter @source = "cloudtrail"`
    [dataSources] `dataSources` means nothing here: to ask for a source, use `filter @source = "cloudtrail"`
    [class] `class` means nothing here: a vault's streams have no log class; leave it out
    [logGroupClass] `logGroupClass` means nothing here: a vault's streams have no log class; leave it out
   *[other] `{ $name }` means nothing here: a vault's streams belong to no account; to ask for an account's events, use `filter cloud.account.uid = "111122223333"`
}
insights-source-unknown = `SOURCE` has no `{ $name }`: expected `{ $expected }`
insights-join-same-names = both sides of the `join` are called `{ $name }`: give them different names
insights-join-dotted = the name of a side cannot have a dot: found `{ $name }`
insights-join-key = a `join` compares a field of `{ $left }` with one of `{ $right }`: expected it as `{ $left }.id={ $right }.id`
insights-autoregress-rows = expected how many rows before, such as `p=1` or `p=1-4`: from 1 to { $most }, and at most { $columns } at once
insights-query-too-long = the query has { $bytes } bytes: at most { $limit } are read
insights-too-many-commands = the query has too many commands: at most { $limit } are read
insights-too-deep = the expression is too deep: at most { $limit } levels are read

insights-command-fields = shows these columns, and computes new ones
insights-command-display = shows these columns and no others
insights-command-filter = keeps the events for which a condition holds
insights-command-filterindex = keeps the events for which a condition holds that an index can answer
insights-command-parse = takes new fields out of a text
insights-command-stats = counts and aggregates, by groups
insights-command-sort = sets the order of the answer
insights-command-limit = shows at most so many rows
insights-command-dedup = keeps one event for each combination of values
insights-command-source = says which streams and which time range are asked about
insights-command-unnest = makes a row of each element of a list
insights-command-expand = makes an event of each element of a field's list
insights-command-join = puts rows of a sub-query beside those that have the same keys
insights-command-appendcols = puts the columns of a sub-query beside the rows, the first beside the first
insights-command-lookup = takes fields out of a table, by a key
insights-command-cidrlookup = takes fields out of a table of address ranges
insights-command-unmask = shows columns unmasked; a vault masks nothing
insights-command-accum = adds the running total of a field
insights-command-addtotals = adds the sum of each row, and of each column
insights-command-autoregress = adds the values of a field in the rows before
insights-command-countfrequent = counts each combination of values, the most frequent first
insights-command-anomaly = tells which patterns are new, rare, more or fewer than before
insights-command-diff = compares the patterns with those of an earlier time
insights-command-filldown = fills missing values with the last one that was there
insights-command-fillmissing = adds rows for the periods in which there was nothing
insights-command-logcompare = compares the patterns with those of the same range some time before
insights-command-outlier = removes or moves numbers far outside of the usual range
insights-command-pattern = groups texts by their shape
insights-command-relevantfields = ranks the fields by which the events that meet a condition differ from the others
insights-command-sessionize = numbers the sessions of each identity
