### query: see the other language's file of the same name; a test holds the two together.
