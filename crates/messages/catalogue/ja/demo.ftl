### 実演。もう一方の言語の同名ファイルと同じ内容であることをテストが確かめます。

demo-asked = 6. これまで誰が何を検索したか。検索のたびに、最初の行を表示する前に記録が残り、次の取り込みと一緒に封印されます
demo-address = 5. アドレス 203.0.113.77 は AWS と Kubernetes で何をしたか (最初の20件)
demo-changed = 保管庫の複製で、{ $file } の1バイトを変更しました
demo-end = 以上です。自由に検索してみてください。不要ならフォルダーごと削除できます:
demo-folder-not-empty = フォルダー `{ $path }` は空ではありません。新しいか空のフォルダーを指定してください
demo-folder-unusable = フォルダー `{ $path }` を使えません
demo-handbook = 3. 運用手順書のクエリを、そのままの形で
demo-ingest = 2. 小さな環境の1日分の証跡 (CloudTrail と Kubernetes 監査ログ) を取り込みます
demo-init = 1. 保管庫と鍵を作ります
demo-intro = shoseki は監査証跡を取り込み、封印し、検索し、証明します。すべて { $folder } の中で行います
demo-refused = 4. 誰が何を拒否されたか。1人だけ目立つ利用者がいます
demo-tamper = 10. 誰かがレコードを改ざんします
demo-too-many = `{ $path }` の下に実演のフォルダーが多すぎます。いくつか削除するか、`--dir` で指定してください
demo-verify = 7. 保管庫全体を判定します: 全レコードのハッシュを計算し直し、署名済みチェックポイントまで確かめます
demo-went-wrong = 実演のコマンドが期待どおりに終わりませんでした: `{ $command }`。shoseki の不具合です
demo-package = 8. 監査人に、2つ目の問いの結果を、もとのレコードと証明を付けて渡します
demo-package-verify = 9. 監査人は公開鍵だけで、パッケージをオフライン検証します
