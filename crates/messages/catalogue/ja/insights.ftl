### 問い合わせ言語: クエリの誤りとコマンドの説明。もう一方の言語の同名ファイルと同じ内容であることをテストが確かめます。

insights-expected = `{ $found }` は読めません。ここには { $expected ->
    [command] コマンド (`fields` や `filter` など) が必要です
    [next-command] `|` と次のコマンド、またはクエリの終わりが必要です
    [expression] フィールド、値、または関数が必要です
    [field] フィールド名が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [name] 名前が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [whole-number] 整数が必要です
    [text] 引用符で囲んだ文字列が必要です
    [regex] `/delete|update/` のような、スラッシュで囲んだ正規表現が必要です
    [pattern] 引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [field-or-pattern] フィールド、引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [list] `["a", "b"]` のような角括弧で囲んだリスト、または `(SOURCE '名前' | fields x)` のようなサブクエリが必要です
    [key] マップのキー (`.name` など) が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [list-end] `]` が必要です
    [period] `1h` や `1d` のような期間が必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] 演算子または `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
    [subquery] `(SOURCE '名前' | fields x)` のような、丸括弧で囲んだサブクエリが必要です
    [subquery-end] `|` と次のコマンド、またはサブクエリを閉じる `)` が必要です
    [into] `into` と、要素の名前が必要です
    [source] 引用符で囲んだストリーム名、または `logGroups(namePrefix: ['…'])` が必要です
    [colon] `:` が必要です
    [moment] 時刻 (`now`、`-1d`、または引用符で囲んだ日付) が必要です
    [join-type] `inner` または `left` が必要です
    [join-options] `left=` と `right=` で両側の名前を指定する必要があります
    [join-where] `where` と、等しくなるべきフィールド (`a.id=b.id` など) が必要です
    [equal] `=` が必要です
    [output] `OUTPUT` または `OUTPUTNEW` と、表の列名が必要です
    [as-map] `as` と名前が必要です
    [boolean] `true` または `false` が必要です
    [number] 数値が必要です
    [for] `for` と、この値を入れる列が必要です
    [remove-or-transform] `remove` または `transform` が必要です
    [previous] `previousDay`、`previousWeek`、`previousMonth` のいずれかを書くか、何も書きません
    [timeshift] `timeshift 7d` のように、`timeshift` と期間が必要です
    [where] `where` と条件、たとえば `where status >= 500`
   *[other] { $expected }が必要です
}
insights-expected-at-end = クエリがここで終わっています。続けて { $expected ->
    [command] コマンド (`fields` や `filter` など) が必要です
    [next-command] `|` と次のコマンド、またはクエリの終わりが必要です
    [expression] フィールド、値、または関数が必要です
    [field] フィールド名が必要です
    [name] 名前が必要です
    [whole-number] 整数が必要です
    [text] 引用符で囲んだ文字列が必要です
    [regex] `/delete|update/` のような、スラッシュで囲んだ正規表現が必要です
    [pattern] 引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [field-or-pattern] フィールド、引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [list] `["a", "b"]` のような角括弧で囲んだリスト、または `(SOURCE '名前' | fields x)` のようなサブクエリが必要です
    [key] マップのキー (`.name` など) が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [list-end] `]` が必要です
    [period] `1h` や `1d` のような期間が必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
    [subquery] `(SOURCE '名前' | fields x)` のような、丸括弧で囲んだサブクエリが必要です
    [subquery-end] `|` と次のコマンド、またはサブクエリを閉じる `)` が必要です
    [into] `into` と、要素の名前が必要です
    [source] 引用符で囲んだストリーム名、または `logGroups(namePrefix: ['…'])` が必要です
    [colon] `:` が必要です
    [moment] 時刻 (`now`、`-1d`、または引用符で囲んだ日付) が必要です
    [join-type] `inner` または `left` が必要です
    [join-options] `left=` と `right=` で両側の名前を指定する必要があります
    [join-where] `where` と、等しくなるべきフィールド (`a.id=b.id` など) が必要です
    [equal] `=` が必要です
    [output] `OUTPUT` または `OUTPUTNEW` と、表の列名が必要です
    [as-map] `as` と名前が必要です
    [boolean] `true` または `false` が必要です
    [number] 数値が必要です
    [for] `for` と、この値を入れる列が必要です
    [remove-or-transform] `remove` または `transform` が必要です
    [previous] `previousDay`、`previousWeek`、`previousMonth` のいずれかを書くか、何も書きません
    [timeshift] `timeshift 7d` のように、`timeshift` と期間が必要です
    [where] `where` と条件、たとえば `where status >= 500`
   *[other] { $expected }が必要です
}
insights-pipe-missing = コマンド `{ $name }` の前に `|` がありません
insights-word-near = `{ $found }` は読めません: `{ $near }` ではありませんか
insights-text-unterminated = 文字列が閉じていません: 同じ引用符で閉じてください
insights-name-unterminated = バッククォートで囲んだ名前が空であるか、閉じていません
insights-regex-unterminated = 正規表現が同じ行の中で閉じていません: `/` で閉じてください
insights-regex-flags = 正規表現の後ろの `{ $flags }` は読めません: フラグは `/(?i)delete/` のように正規表現の中に書きます
insights-number-not-whole = `{ $text }` は 0 以上の整数ではありません
insights-duration-unreadable = `{ $text }` は数値としても期間としても読めません: 期間は `5m` のように、整数と `ms` `s` `m` `h` `d` `w` `mo` `q` `y` のいずれかで書きます。数字で始まるフィールド名はバッククォートで囲んでください
insights-command-unknown = `{ $name }` というコマンドはありません: `fields`、`filter`、`stats`、`sort`、`limit` などを指定してください
insights-command-unknown-near = `{ $name }` というコマンドはありません: `{ $near }` ではありませんか
insights-parse-stars = 名前の数は `*` の数と同じでなければなりません: `*` は { $stars } 個、名前は { $names } 個です
insights-parse-paths = 名前の数はパスの数と同じでなければなりません: パスは { $paths } 個、名前は { $names } 個です
insights-filterindex-condition = この条件は索引では調べられません: `フィールド = 値` か `フィールド in [値, …]` を、必要なら `and` や `or` でつないで書いてください。`filter` ならどんな条件でも書けます
insights-subquery-nested = サブクエリの中にサブクエリは書けません
insights-source-first = `SOURCE` はクエリまたはサブクエリの先頭にだけ書けます
insights-source-foreign = { $name ->
    [dataSource] `dataSource` はここでは意味を持ちません: ソースで絞り込むには `filter @source = "cloudtrail"` と書いてください
    [dataSources] `dataSources` はここでは意味を持ちません: ソースで絞り込むには `filter @source = "cloudtrail"` と書いてください
    [class] `class` はここでは意味を持ちません: 保管庫のストリームにログクラスはないので、取り除いてください
    [logGroupClass] `logGroupClass` はここでは意味を持ちません: 保管庫のストリームにログクラスはないので、取り除いてください
   *[other] `{ $name }` はここでは意味を持ちません: 保管庫のストリームはアカウントに属しません。アカウントで絞り込むには `filter cloud.account.uid = "111122223333"` と書いてください
}
insights-source-unknown = `SOURCE` に `{ $name }` はありません: `{ $expected }` を使ってください
insights-join-same-names = `join` の両側の名前がどちらも `{ $name }` です: 別の名前にしてください
insights-join-dotted = `join` の側の名前にドットは使えません: `{ $name }`
insights-join-key = `join` では `{ $left }` と `{ $right }` のフィールドを1つずつ比べます: `{ $left }.id={ $right }.id` のように書いてください
insights-autoregress-rows = 何行前の値かを `p=1` や `p=1-4` のように書きます: 1 から { $most } まで、一度に { $columns } 個までです
insights-query-too-long = クエリが { $bytes } バイトあります: 上限は { $limit } バイトです
insights-too-many-commands = コマンドが多すぎます: 上限は { $limit } 個です
insights-too-deep = 式の入れ子が深すぎます: 上限は { $limit } 段です

insights-command-fields = 表示する列を指定し、新しい列を計算します
insights-command-display = 表示する列をこれだけに限ります
insights-command-filter = 条件に合うイベントだけを残します
insights-command-filterindex = 索引で調べられる条件に合うイベントだけを残します
insights-command-parse = 文字列から新しいフィールドを取り出します
insights-command-stats = 件数などをグループごとに集計します
insights-command-sort = 結果を並べ替えます
insights-command-limit = 表示する行数を制限します
insights-command-dedup = 値の組み合わせごとに1件だけを残します
insights-command-source = 対象のストリームと期間を指定します
insights-command-unnest = リストの要素ごとに1行を作ります
insights-command-expand = フィールドのリストの要素ごとに1件のイベントを作ります
insights-command-join = キーが等しいサブクエリの行を横につなげます
insights-command-appendcols = サブクエリの列を、先頭の行から順に横に並べます
insights-command-lookup = キーをもとに表からフィールドを取り出します
insights-command-cidrlookup = アドレスの範囲の表からフィールドを取り出します
insights-command-unmask = 伏せられた列を元の値で表示します (保管庫では何も伏せられていません)
insights-command-accum = フィールドの累計を求めます
insights-command-addtotals = 行ごとの合計と、列ごとの合計を加えます
insights-command-autoregress = 前の行の値を新しい列に加えます
insights-command-countfrequent = 値の組み合わせごとに数え、多い順に並べます
insights-command-anomaly = 新しいパターン、まれなパターン、以前より増えた・減ったパターンを示します
insights-command-diff = パターンを以前の期間のものと比べます
insights-command-filldown = 欠けた値を直前の値で埋めます
insights-command-fillmissing = 何もなかった期間の行を補います
insights-command-logcompare = パターンを、指定した時間だけ前の同じ長さの期間のものと比べます
insights-command-outlier = 通常の範囲から大きく外れた数値を除くか、範囲の端に寄せます
insights-command-pattern = 文字列を形ごとにまとめます
insights-command-relevantfields = 条件を満たすイベントとそれ以外とで値の分かれ方が違うフィールドを、違いの大きい順に並べます
insights-command-sessionize = 主体ごとに一続きの操作に番号を付けます
