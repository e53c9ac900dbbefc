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
    [list] `["a", "b"]` のような、角括弧で囲んだリストが必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] 演算子または `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
    [boolean] `true` または `false` が必要です
    [number] 数値が必要です
    [duration] `30m` や `7d` のような期間が必要です
    [for] `for` と、この値を入れる列が必要です
    [remove-or-transform] `remove` または `transform` が必要です
    [previous] `previousDay`、`previousWeek`、`previousMonth` のいずれかを書くか、何も書きません
    [timeshift] `timeshift 7d` のように、`timeshift` と期間が必要です
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
    [list] `["a", "b"]` のような、角括弧で囲んだリストが必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
    [boolean] `true` または `false` が必要です
    [number] 数値が必要です
    [duration] `30m` や `7d` のような期間が必要です
    [for] `for` と、この値を入れる列が必要です
    [remove-or-transform] `remove` または `transform` が必要です
    [previous] `previousDay`、`previousWeek`、`previousMonth` のいずれかを書くか、何も書きません
    [timeshift] `timeshift 7d` のように、`timeshift` と期間が必要です
   *[other] { $expected }が必要です
}
insights-pipe-missing = コマンド `{ $name }` の前に `|` がありません
insights-word-near = `{ $found }` は読めません: `{ $near }` ではありませんか
insights-text-unterminated = 文字列が閉じていません: 同じ引用符で閉じてください
insights-name-unterminated = バッククォートで囲んだ名前が空であるか、閉じていません
insights-regex-unterminated = 正規表現が同じ行の中で閉じていません: `/` で閉じてください
insights-regex-flags = 正規表現の後ろの `{ $flags }` は読めません: フラグは `/(?i)delete/` のように正規表現の中に書きます
insights-double-equal = `==` は使えません: 等しいことは `=` で書きます
insights-number-not-whole = `{ $text }` は 0 以上の整数ではありません
insights-duration-unreadable = `{ $text }` は数値としても期間としても読めません: 期間は `5m` のように、整数と `ms` `s` `m` `h` `d` `w` `mo` `q` `y` のいずれかで書きます。数字で始まるフィールド名はバッククォートで囲んでください
insights-command-unknown = `{ $name }` というコマンドはありません: `fields`、`filter`、`stats`、`sort`、`limit` などを指定してください
insights-command-unknown-near = `{ $name }` というコマンドはありません: `{ $near }` ではありませんか
insights-command-unsupported = コマンド `{ $name }` にはまだ対応していません
insights-parse-unsupported = コマンド `parse` の `{ $mode }` にはまだ対応していません: `*` を含む文字列か、名前付きグループを含む正規表現を使ってください
insights-parse-stars = 名前の数は `*` の数と同じでなければなりません: `*` は { $stars } 個、名前は { $names } 個です
insights-stats-offset-unsupported = コマンド `stats` の `offset` にはまだ対応していません
insights-autoregress-rows = 何行前の値かを `p=1` や `p=1-4` のように書きます: 1 から { $most } まで、一度に { $columns } 個までです
insights-query-too-long = クエリが { $bytes } バイトあります: 上限は { $limit } バイトです
insights-too-many-commands = コマンドが多すぎます: 上限は { $limit } 個です
insights-too-deep = 式の入れ子が深すぎます: 上限は { $limit } 段です

insights-command-fields = 表示する列を指定し、新しい列を計算します
insights-command-display = 表示する列をこれだけに限ります
insights-command-filter = 条件に合うイベントだけを残します
insights-command-parse = 文字列から新しいフィールドを取り出します
insights-command-stats = 件数などをグループごとに集計します
insights-command-sort = 結果を並べ替えます
insights-command-limit = 表示する行数を制限します
insights-command-dedup = 値の組み合わせごとに1件だけを残します
insights-command-accum = フィールドの累計を求めます
insights-command-addtotals = 行ごとの合計と、列ごとの合計を加えます
insights-command-autoregress = 前の行の値を新しい列に加えます
insights-command-countfrequent = 値の組み合わせごとに数え、多い順に並べます
insights-command-diff = パターンを以前の期間のものと比べます
insights-command-filldown = 欠けた値を直前の値で埋めます
insights-command-fillmissing = 何もなかった期間の行を補います
insights-command-logcompare = パターンを、指定した時間だけ前の同じ長さの期間のものと比べます
insights-command-outlier = 通常の範囲から大きく外れた数値を除くか、範囲の端に寄せます
insights-command-pattern = 文字列を形ごとにまとめます
insights-command-sessionize = 主体ごとに一続きの操作に番号を付けます
