package finding

// DecodeCanonical is for the tests that hold it to encoding/json.
var DecodeCanonical = decodeCanonical
