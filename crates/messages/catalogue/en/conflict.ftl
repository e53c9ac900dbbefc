conflict-found = two records of `{ $source }` have the key `{ $key }` and different content: `{ $place }`, and before it `{ $other }`. Both are kept; one of them was changed or made up, unless its sender says two things of one event
conflict-mend = compare the two (`shoseki query --saved records-in-conflict`), ask where both came from, and revoke the sender's token if it was not the sender
