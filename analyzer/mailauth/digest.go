package mailauth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Digest is the SHA-256, in hex, over the tables of receivers, sealers, forwarders and employees' paths: equal for equal
// rules.
func Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v\n%#v\n%#v\n%#v\n", receivers, sealers, forwarders, corporates))
	return hex.EncodeToString(sum[:])
}
