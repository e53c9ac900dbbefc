//! No text makes the parser panic, and a printed tree is read back as the same tree.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use shoseki_insights::{
    Accum, Addtotals, Anomaly, Appendcols, Arithmetic, Autoregress, COMMANDS, Cidrlookup, Command, Comparison,
    CountFrequent, Dedup, Diff, Display, Duration, Earlier, Expand, Expression, Field, Fields, Filldown, Filling,
    Fillmissing, Filter, Item, Join, JoinKey, JoinKind, Limit, Logcompare, Logs, Lookup, LookupKey, Matcher, Moment,
    Name, Node, Offset, Outlier, Output, Outputs, Parse, Part, Pattern, Patterns, Query, RelevantFields, Segment,
    Sessionize, Sort, SortKey, Source, Span, Stats, Step, Unit, Unmask, Unnest, Wildcard, parse, render,
};
use shoseki_messages::Lang;

/// The tree without its places, which differ after printing.
fn without_places(query: &Query) -> String {
    let text = format!("{query:?}");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('@') {
        let digits = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        kept.push_str(before);
        rest = &after[digits..];
    }
    kept.push_str(rest);
    kept
}

fn at_no_place(node: Node) -> Expression {
    Expression { span: Span::default(), node }
}

fn any_name() -> impl Strategy<Value = Name> {
    prop_oneof!["[a-z_@][a-zA-Z0-9_.@]{0,8}", "[a-zé日 .-]{1,6}", Just("like".to_owned()), Just("山田".to_owned())]
        .prop_map(|text| Name { span: Span::default(), text })
}

fn any_field() -> impl Strategy<Value = Field> {
    let first = prop_oneof![
        "[a-z@][a-zA-Z0-9_@]{2,8}".prop_map(|name| Segment { name: format!("z{name}"), quoted: false }),
        "[a-z -]{1,6}".prop_map(|name| Segment { name, quoted: true }),
    ];
    let next = prop_oneof![
        "[a-z0-9_@]{0,4}".prop_map(|name| Segment { name, quoted: false }),
        "[a-z .|/'-]{1,6}".prop_map(|name| Segment { name, quoted: true }),
    ];
    (first, vec(next, 0..3)).prop_map(|(first, next)| Field {
        span: Span::default(),
        segments: std::iter::once(first).chain(next).collect(),
    })
}

fn any_regex() -> impl Strategy<Value = String> {
    vec(prop_oneof!["[a-z|/\"'#() ]", Just(r"\\".to_owned()), Just(r"\d".to_owned())], 0..6)
        .prop_map(|parts| parts.concat())
}

fn any_duration() -> impl Strategy<Value = Duration> {
    (1..1000u32, 0..Unit::ALL.len()).prop_map(|(count, unit)| Duration { count, unit: Unit::ALL[unit].0 })
}

fn any_offset() -> impl Strategy<Value = Offset> {
    any_duration().prop_map(|period| Offset { period, span: Span::default() })
}

fn any_leaf() -> impl Strategy<Value = Node> {
    prop_oneof![
        "(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?(e-?[0-9])?".prop_map(Node::Number),
        any::<String>().prop_map(Node::Text),
        any::<bool>().prop_map(Node::Boolean),
        any_regex().prop_map(Node::Regex),
        any_duration().prop_map(Node::Duration),
        any_field().prop_map(Node::Field),
        Just(Node::Call {
            name: Name { span: Span::default(), text: "count".to_owned() },
            arguments: vec![at_no_place(Node::Star)]
        }),
    ]
}

fn any_expression() -> impl Strategy<Value = Expression> {
    use {Arithmetic as A, Comparison as C};
    let leaf = any_leaf().prop_map(at_no_place);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let list = |least| vec(inner.clone(), least..4);
        let arithmetic =
            prop::sample::select(vec![A::Add, A::Subtract, A::Multiply, A::Divide, A::Remainder, A::Power]);
        let comparison =
            prop::sample::select(vec![C::Equal, C::NotEqual, C::Less, C::LessOrEqual, C::Greater, C::GreaterOrEqual]);
        let matcher = prop_oneof![any::<String>().prop_map(Matcher::Text), any_regex().prop_map(Matcher::Regex)];
        prop_oneof![
            list(0).prop_map(|arguments| Node::Call {
                name: Name { span: Span::default(), text: "f".to_owned() },
                arguments
            }),
            (boxed(), vec(any_part(), 1..4)).prop_map(|(value, path)| access(value, path)),
            boxed().prop_map(Node::Negate),
            boxed().prop_map(Node::Not),
            list(2).prop_map(Node::And),
            list(2).prop_map(Node::Or),
            (arithmetic, boxed(), boxed()).prop_map(|(sign, left, right)| Node::Arithmetic(sign, left, right)),
            (comparison, boxed(), boxed()).prop_map(|(sign, left, right)| Node::Compare(sign, left, right)),
            (boxed(), list(0), any::<bool>()).prop_map(|(value, list, negated)| Node::In { value, list, negated }),
            (boxed(), matcher, any::<bool>()).prop_map(|(value, matcher, negated)| Node::Like {
                value,
                matcher,
                matcher_span: Span::default(),
                negated
            }),
        ]
        .prop_map(at_no_place)
    })
}

fn any_part() -> impl Strategy<Value = Part> {
    let key = |name: &'static str, quoted| name.prop_map(move |name| Part::Key(Segment { name, quoted }));
    prop_oneof![any::<u32>().prop_map(Part::Place), key("[a-z0-9_@]{1,4}", false), key("[a-z .|/'-]{1,6}", true)]
}

/// What `unnest` and `expand` take: a field or a function's value, or a part of one.
fn any_list() -> impl Strategy<Value = Expression> {
    let call = vec(any_expression(), 0..2).prop_map(|arguments| Node::Call {
        name: Name { span: Span::default(), text: "jsonParse".to_owned() },
        arguments,
    });
    let value = prop_oneof![any_field().prop_map(Node::Field), call].prop_map(at_no_place);
    (value, vec(any_part(), 0..3)).prop_map(|(value, path)| match (path.as_slice(), &value.node) {
        // A key behind a field is a part of its name.
        ([], _) | ([Part::Key(_), ..], Node::Field(_)) => value,
        _ => at_no_place(access(Box::new(value), path)),
    })
}

/// As the parser builds it: a part of a part is one path.
fn access(value: Box<Expression>, path: Vec<Part>) -> Node {
    match value.node {
        Node::Access { value, path: before } => Node::Access { value, path: before.into_iter().chain(path).collect() },
        _ => Node::Access { value, path },
    }
}

fn any_item() -> impl Strategy<Value = Item> {
    (any_expression(), option::of(any_name())).prop_map(|(expression, alias)| Item { expression, alias })
}

fn any_parse() -> impl Strategy<Value = Parse> {
    let glob = (vec("[^*]{0,5}", 2..4), vec(any_name(), 3)).prop_map(|(parts, names)| {
        let names = names.into_iter().take(parts.len() - 1).collect();
        Pattern::Glob { glob: parts.join("*"), names }
    });
    let names = || vec(any_name(), 1..3);
    let pattern = prop_oneof![
        glob,
        any_regex().prop_map(Pattern::Regex),
        any_regex().prop_map(Pattern::Multi),
        any_name().prop_map(Pattern::Logfmt),
        names().prop_map(Pattern::Csv),
    ];
    let json = vec((any::<String>(), any_name()), 1..3)
        .prop_map(|pairs| pairs.into_iter().unzip())
        .prop_map(|(paths, names)| Pattern::Json { paths, names });
    let parse = |field, pattern| Parse { field, pattern, pattern_span: Span::default() };
    prop_oneof![
        (option::of(any_field()), pattern).prop_map(move |(field, pattern)| parse(field, pattern)),
        (any_field(), json).prop_map(move |(field, pattern)| parse(Some(field), pattern)),
    ]
}

fn any_source() -> impl Strategy<Value = Source> {
    let text = || any::<String>().prop_map(|text| Name { span: Span::default(), text });
    let moment = || {
        prop_oneof![
            Just(Moment::Now),
            (1..1000u32, 0..Unit::ALL.len())
                .prop_map(|(count, unit)| Moment::Back(Duration { count, unit: Unit::ALL[unit].0 })),
            text().prop_map(Moment::At),
        ]
    };
    let logs = prop_oneof![vec(text(), 1..3).prop_map(Logs::Named), vec(text(), 0..3).prop_map(Logs::Prefixes)];
    (logs, option::of(moment()), option::of(moment())).prop_map(|(logs, start, end)| Source { logs, start, end })
}

/// A query that may stand in another.
fn any_subquery() -> impl Strategy<Value = Query> {
    let step = |command| Step { span: Span::default(), command };
    (option::of(any_source()), vec(any_flat_command(), 1..3)).prop_map(move |(source, commands)| {
        let source = source.map(Command::Source);
        Query { steps: source.into_iter().chain(commands).map(step).collect() }
    })
}

fn any_outputs() -> impl Strategy<Value = Outputs> {
    let columns = vec((any_name(), option::of(any_name())), 1..3);
    (any::<bool>(), columns).prop_map(|(only_new, columns)| {
        let columns = columns.into_iter().map(|(column, alias)| Output { column, alias }).collect();
        Outputs { only_new, columns }
    })
}

/// Commands that have a sub-query.
fn any_command() -> impl Strategy<Value = Command> {
    let side = |name: &str| Name { span: Span::default(), text: name.to_owned() };
    let keys = vec((any_field(), any_field()).prop_map(|(left, right)| JoinKey { left, right }), 1..3);
    let within = (any_expression(), any_subquery(), any::<bool>()).prop_map(|(value, query, negated)| {
        let (value, query) = (Box::new(value), Box::new(query));
        let condition = at_no_place(Node::InQuery { value, query, query_span: Span::default(), negated });
        Command::Filter(Filter { condition })
    });
    prop_oneof![
        4 => any_flat_command(),
        1 => within,
        1 => (any::<bool>(), keys, any_subquery()).prop_map(move |(inner, keys, query)| Command::Join(Join {
            kind: if inner { JoinKind::Inner } else { JoinKind::Left },
            left: side("a"),
            right: side("like"),
            keys,
            query,
            query_span: Span::default(),
        })),
        1 => (any::<bool>(), option::of(any::<u64>()), any_subquery()).prop_map(|(overrides, max, query)| {
            Command::Appendcols(Appendcols { overrides, max, query, query_span: Span::default() })
        }),
    ]
}

fn any_flat_command() -> impl Strategy<Value = Command> {
    let items = || vec(any_item(), 1..4);
    let keys = vec((any_expression(), any::<bool>()), 1..4);
    prop_oneof![
        items().prop_map(|items| Command::Fields(Fields { items })),
        items().prop_map(|items| Command::Display(Display { items })),
        any_expression().prop_map(|condition| Command::Filter(Filter { condition })),
        any_parse().prop_map(Command::Parse),
        (items(), vec(any_item(), 0..3), option::of(any_offset()))
            .prop_map(|(aggregates, groups, offset)| { Command::Stats(Stats { aggregates, groups, offset }) }),
        keys.prop_map(|keys| {
            let keys = keys.into_iter().map(|(expression, descending)| SortKey { expression, descending });
            Command::Sort(Sort { keys: keys.collect() })
        }),
        (any::<u64>(), any::<bool>()).prop_map(|(count, any)| Command::Limit(Limit { count, any })),
        vec(any_field(), 1..4).prop_map(|fields| Command::Dedup(Dedup { fields })),
        any_command_of_rows(),
        items().prop_map(|items| Command::Unmask(Unmask { items })),
        any_list().prop_map(|list| Command::Expand(Expand { list })),
        (any_list(), any_name()).prop_map(|(list, name)| Command::Unnest(Unnest { list, name })),
        (any_name(), vec((any_name(), option::of(any_field())), 1..3), any_outputs()).prop_map(
            |(table, keys, outputs)| {
                let keys = keys.into_iter().map(|(column, field)| LookupKey { column, field }).collect();
                Command::Lookup(Lookup { table, keys, outputs })
            }
        ),
        (any_name(), any_field(), option::of(any_name()), any_outputs()).prop_map(|(table, field, column, outputs)| {
            Command::Cidrlookup(Cidrlookup { table, field, column, outputs })
        }),
    ]
}

fn any_wildcard() -> impl Strategy<Value = Wildcard> {
    let pattern = "[a-z]{1,3}[*][a-z.]{0,3}[*]?".prop_map(|text| Wildcard::Pattern { span: Span::default(), text });
    prop_oneof![any_field().prop_map(Wildcard::Field), pattern]
}

/// Commands that look at rows beside one another.
fn any_command_of_rows() -> impl Strategy<Value = Command> {
    let fields = || vec(any_field(), 1..4);
    let earlier = prop::sample::select(vec![Earlier::Period, Earlier::Day, Earlier::Week, Earlier::Month]);
    let value = prop_oneof![
        any::<String>().prop_map(Node::Text),
        (0..1000u32).prop_map(|number| Node::Number(number.to_string())),
    ];
    let filling = (value, any_field())
        .prop_map(|(value, field)| Filling { value: at_no_place(value), column: at_no_place(Node::Field(field)) });
    prop_oneof![
        (any_field(), option::of(any_name())).prop_map(|(field, alias)| Command::Accum(Accum { field, alias })),
        (any_field(), option::of(any_name()), 1..50u64, 0..50u64, any::<bool>()).prop_map(
            |(field, alias, first, more, is_range)| {
                let rows = (first, if is_range { first + more } else { first });
                Command::Autoregress(Autoregress { field, alias, rows, is_range })
            }
        ),
        vec(any_wildcard(), 0..4).prop_map(|fields| Command::Filldown(Filldown { fields })),
        vec(filling, 0..3).prop_map(|values| Command::Fillmissing(Fillmissing { values })),
        (any_name(), any::<bool>(), any::<bool>(), vec(any_field(), 0..3)).prop_map(|(name, rows, columns, fields)| {
            Command::Addtotals(Addtotals { name, rows, columns, fields })
        }),
        fields().prop_map(|fields| Command::CountFrequent(CountFrequent { fields })),
        (fields(), any_duration(), any_name()).prop_map(|(fields, pause, name)| Command::Sessionize(Sessionize {
            fields,
            pause,
            name
        })),
        (any::<[bool; 3]>(), "[1-9](\\.[0-9]{1,2})?", fields()).prop_map(|([remove, lower, mark], factor, fields)| {
            Command::Outlier(Outlier { remove, factor, lower, mark, fields })
        }),
        any_expression().prop_map(|value| Command::Patterns(Patterns { value })),
        earlier.prop_map(|with| Command::Diff(Diff { with })),
        any_duration().prop_map(|shift| Command::Logcompare(Logcompare { shift })),
        Just(Command::Anomaly(Anomaly)),
        (vec(any_field(), 0..3), any_expression())
            .prop_map(|(fields, condition)| { Command::RelevantFields(RelevantFields { fields, condition }) }),
    ]
}

/// Texts that come near to a query: words of the language in any order.
fn near_query() -> impl Strategy<Value = String> {
    let names: Vec<String> = COMMANDS.iter().map(|info| info.name.to_owned()).collect();
    let word = prop_oneof![
        prop::sample::select(names),
        "[|,()\\[\\]=<>!~+*/^%#`'\" -]",
        "(and|or|not|in|like|as|by|desc|true)",
        "(type=left left=a right=b where|where a.x=b.y|in \\(|logGroups\\(|START=-1d|logfmt|csv|multi|into|OUTPUT)",
        "[a-z@.]{1,4}",
        "[0-9.]{1,4}[a-z]?",
        "\\PC",
    ];
    vec(word, 0..40).prop_map(|words| words.join(" "))
}

fn read_and_render(text: &str) {
    let parsed = parse(text);
    for error in &parsed.errors {
        assert!(text.get(error.span.start..error.span.end).is_some(), "{error:?} is no place of the text");
    }
    render(text, &parsed.errors, Lang::Ja);
    let printed = parsed.query.to_string();
    if parsed.errors.is_empty() {
        let again = parse(&printed);
        assert!(again.errors.is_empty(), "{printed}\n{:?}", again.errors);
        assert_eq!(without_places(&parsed.query), without_places(&again.query), "{printed}");
    }
}

#[test]
fn what_fuzzing_found_is_read_back() {
    for text in [
        "expand items .t",
        "expand items .t[0] | stats count(*) by (items).t, x[1].y",
        "fields -(a).b, (a .b).c, f(x) .y",
    ] {
        assert!(parse(text).errors.is_empty(), "{text}");
        read_and_render(text);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_and_render(&text);
    }

    #[test]
    fn near_queries_are_read_without_panic(text in near_query()) {
        read_and_render(&text);
    }

    #[test]
    fn printed_trees_are_read_back(source in option::of(any_source()), commands in vec(any_command(), 1..4)) {
        let step = |command| Step { span: Span::default(), command };
        let source = source.map(Command::Source);
        let query = Query { steps: source.into_iter().chain(commands).map(step).collect() };
        let printed = query.to_string();
        let parsed = parse(&printed);
        prop_assert!(parsed.errors.is_empty(), "{}\n{:?}", printed, parsed.errors);
        prop_assert_eq!(without_places(&query), without_places(&parsed.query), "{}", printed);
    }
}
