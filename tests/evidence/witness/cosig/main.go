// Command cosig checks the cosignatures on a checkpoint with nothing but Go's standard library.
//
// It shares nothing with trucewatch. Usage: cosig NOTE LOG.vkey WITNESS.vkey...
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
}

// key is one line NAME+KEYID+BASE64, its id checked.
func key(text string) (name string, id []byte, kind byte, public ed25519.PublicKey) {
	parts := strings.SplitN(strings.TrimSpace(text), "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if hex.EncodeToString(sum[:4]) != parts[1] || len(raw) != 33 {
		must(fmt.Errorf("key id of %s is wrong", parts[0]))
	}
	return parts[0], sum[:4], raw[0], ed25519.PublicKey(raw[1:])
}

func main() {
	note, err := os.ReadFile(os.Args[1])
	must(err)
	cut := bytes.LastIndex(note, []byte("\n\n"))
	text, lines := string(note[:cut+1]), strings.Split(strings.TrimSpace(string(note[cut+2:])), "\n")
	for _, path := range os.Args[2:] {
		content, err := os.ReadFile(path)
		must(err)
		name, id, kind, public := key(string(content))
		found := false
		for _, line := range lines {
			words := strings.Split(line, " ")
			raw, err := base64.StdEncoding.DecodeString(words[2])
			must(err)
			if words[0] != "\u2014" || words[1] != name || !bytes.Equal(raw[:4], id) {
				continue
			}
			said, message, signature := "", text, raw[4:]
			if kind == 4 {
				seconds := binary.BigEndian.Uint64(raw[4:12])
				said = time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
				message = fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
				signature = raw[12:]
			}
			if len(signature) != 64 || !ed25519.Verify(public, []byte(message), signature) {
				must(fmt.Errorf("signature by %s does not verify", name))
			}
			found = true
			fmt.Println("OK", name, said)
		}
		if !found {
			must(fmt.Errorf("no signature by %s", name))
		}
	}
}
