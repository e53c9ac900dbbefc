conflict-found = `{ $source }` に、同じキー `{ $key }` で内容の異なるレコードが2つあります: `{ $place }` と、先に届いた `{ $other }`。どちらも保管しました。送信元が1つのイベントを2通りに記録したのでなければ、一方は改ざんまたは偽造です
conflict-mend = 2つを比べ (`shoseki query --saved records-in-conflict`)、それぞれどこから届いたかを確かめてください。送信元が送ったものでなければ、そのトークンを無効にしてください
