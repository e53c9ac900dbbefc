### ほかの言語の書き方をしたクエリと、読めない日付について言うこと。もう一方の言語の同名のファイルと内容は同じで、テストが両者を突き合わせます。

question-instead = `{ $found }` は、ここでは `{ $instead }` と書きます
question-date-quotes = 日付は引用符で囲みます: `'{ $date }'`
question-out-ending = `.{ $ending }` というファイルの形式が分かりません: `.csv`、`.json`、`.jsonl`、`.parquet` のいずれかにするか、`-o` で形式を指定してください
question-date-format = `{ $part }` は日付の書式として使えません: 使えるのは { $known }、`'` で囲んだ文字列、`%Y-%m-%d` のような `%` の書式です
question-date-format-short = `{ $format }` では日時を読み取れません: 年・月・日が必要で、分には時が、`hh` には `a` (午前・午後) が必要です
question-zone-unknown = タイムゾーン `{ $name }` はありません: `Asia/Tokyo` や `UTC` のように書いてください
question-zone-unknown-near = タイムゾーン `{ $name }` はありません: `{ $near }` ではありませんか
