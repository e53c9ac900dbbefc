### あるべきものと、実際にあるもの。もう一方の言語の同名ファイルと同じ内容で、テストが一致を確かめます。

comply-gap-mend-lost = 失われたものは取り戻せません。原因 (負荷、ネットワーク、ディスク) を調べ、同じイベントが別のストリームに残っていないか確認してください
comply-gap-mend-missing = 元の場所やコピーから読めるか確認し、`shoseki ingest` で取り込んでください。削除されていればインシデントです
comply-gap-mend-silent = 送信元がログを出力しているか、受信口が受信しているかを確認してください (`shoseki status`、`serve` のログ)。元に残っている分は `shoseki gaps repair` で取得できます
comply-question = 証跡から欠落の台帳を読み取れませんでした
