package finding

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of one line of the stream. Its $id names the file in the project; nothing is
// fetched from there.
//
//go:embed schema.json
var Schema []byte
