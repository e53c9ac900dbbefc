### 保管庫の形式。もう一方の言語の同名ファイルと同じ内容であることをテストが確かめます。

segment-cipher = 暗号処理が受け付けるはずの鍵または長さを拒みました。shoseki の不具合です
segment-column-missing = セグメントに列 `{ $name }` がないか、型が異なります
segment-commit-not-canonical = コミットに文法が許さない記述、または異なる書き方が含まれています
segment-commit-out-of-place = コミット { $version } はこの位置に置けません: { $why }
segment-commit-refused = shoseki が書くコミットではありません: { $why }
segment-commit-too-long = コミットが { $length } バイトあります。読めるのは { $limit } バイトまでです
segment-commit-without-format = コミットに `shoseki.format` がありません
segment-draft-size = { $count } 件のセグメントを書こうとしました。shoseki の不具合です
segment-envelope-changed = 封筒 `{ $name }` はチャンク { $chunk } で変更されているか、鍵が異なります
segment-envelope-unreadable = このオブジェクトは shoseki の封筒ではありません
segment-file-unreadable = セグメントのファイルを読めません。変更されているか、鍵が異なります
segment-footer-unreadable = セグメントのフッターに `shoseki.segments` がないか、読めません
segment-key-file-unreadable = shoseki の鍵ファイルではありません: `shoseki-key/v1:…` の1行が必要です
segment-key-object-unreadable = 包まれた鍵を読めません
segment-key-refused = `{ $context }` の包まれた鍵を開けません。変更されているか、別の鍵で包まれています
segment-kind-unknown = レコードの種別が `{ $kind }` です。`event`、`unparsed`、`receipt` のいずれかが必要です
segment-marker-incomplete = `shoseki.toml` に `format`、`origin`、`encryption` のいずれかがありません
segment-marker-unreadable = `shoseki.toml` に読めない行があります: `{ $line }`
segment-newer-format = `{ $what }` は形式 { $format } で書かれています。この版の shoseki が扱えるのは形式 { $known } までです。新しい版を使ってください
segment-no-random = システムから乱数を取得できません
segment-other-key = 鍵 `{ $id }` は `{ $wanted }` で包まれていますが、渡された鍵は `{ $given }` です。`--key-dir` か `SHOSEKI_KEY_DIR` で正しい鍵を指定してください
segment-receipt-unreadable = 受領記録を読めません
segment-tags-unreadable = ファイルのタグ `{ $what }` がないか、読めません: `{ $text }`
segment-write = セグメントのファイルを書けませんでした。shoseki の不具合です
