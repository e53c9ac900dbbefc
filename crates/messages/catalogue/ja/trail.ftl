trail-expect-account = `{ $name }` はアカウントではありません。`accounts` には 12 桁の数字を指定してください
trail-expect-long = `{ $path }` が 1 MB を超えています。`accounts` と `regions` を書いた TOML ファイルが必要です
trail-expect-much = あるべきアカウントとリージョンの組み合わせが { $most } を超えています
trail-expect-nothing = あるべきものが書かれていません。`accounts` か `regions`、または両方が必要です
trail-expect-region = `{ $name }` はリージョンではありません。`regions` には `us-east-1` のような名前を指定してください
trail-expect-toml = `accounts` と `regions` (名前のリスト) の TOML として読み取れません: { $why }
trail-region-expected = 指定されているのに、ダイジェストが一つもありません。対象外か、すべて削除されています
trail-region-home = 証跡が作成されたリージョンなのに、ダイジェストが一つもありません。すべて削除されたか、コピーされていません
