// Command sumdb checks a bundle with the code behind Go's checksum database.
//
// It shares nothing with trucewatch: notes by golang.org/x/mod/sumdb/note, trees by .../tlog.
// Usage: sumdb BUNDLE OLD.json
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
}

func read(parts ...string) []byte {
	content, err := os.ReadFile(filepath.Join(parts...))
	must(err)
	return content
}

func fromHex(text string) (hash tlog.Hash) {
	content, err := hex.DecodeString(text)
	must(err)
	copy(hash[:], content)
	return hash
}

// entries returns the leaves in the entry bundles, in order of their path.
func entries(folder string) (found [][]byte) {
	var paths []string
	must(filepath.Walk(filepath.Join(folder, "data/tile/entries"), func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			paths = append(paths, path)
		}
		return err
	}))
	sort.Strings(paths)
	for _, path := range paths {
		bundle := read(path)
		for len(bundle) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			found = append(found, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	return found
}

// head verifies a checkpoint and returns its size and root.
func head(content []byte, verifier note.Verifier) (int64, tlog.Hash) {
	opened, err := note.Open(content, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("origin is %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func checkProof(path string, leaves [][]byte, verifier note.Verifier) {
	parts := bytes.SplitN(read(path), []byte("\n\n"), 2)
	size, root := head(parts[1], verifier)
	lines := strings.Split(string(parts[0]), "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	must(err)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		content, err := base64.StdEncoding.DecodeString(line)
		must(err)
		var hash tlog.Hash
		copy(hash[:], content)
		proof = append(proof, hash)
	}
	must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(leaves[index])))
}

func main() {
	folder := os.Args[1]
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(folder, "data/log.vkey"))))
	must(err)
	size, root := head(read(folder, "data/checkpoint"), verifier)
	fmt.Println("note OK")

	leaves := entries(folder)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for index, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(index), leaf, reader)
		must(err)
		stored = append(stored, hashes...)
	}
	computed, err := tlog.TreeHash(int64(len(leaves)), reader)
	must(err)
	if int64(len(leaves)) != size || computed != root {
		must(fmt.Errorf("%d entries lead to %v, checkpoint says %d, %v", len(leaves), computed, size, root))
	}
	fmt.Println("root OK", size)

	proofs, err := filepath.Glob(filepath.Join(folder, "data/proofs", "*.tlog-proof"))
	must(err)
	for _, path := range proofs {
		checkProof(path, leaves, verifier)
	}
	fmt.Println("proofs OK", len(proofs))

	var old struct {
		Size  int64
		Root  string
		Proof []string
	}
	must(json.Unmarshal(read(os.Args[2]), &old))
	var proof tlog.TreeProof
	for _, text := range old.Proof {
		proof = append(proof, fromHex(text))
	}
	must(tlog.CheckTree(proof, size, root, old.Size, fromHex(old.Root)))
	fmt.Println("consistency OK", old.Size, "->", size)
}
