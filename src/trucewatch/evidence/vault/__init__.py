"""Confidential objects: each enciphered under a key of its own, which erasure destroys.

cipher.py        from plaintext to ciphertext and commitment, and back
compartment.py   who holds the keys of keys: HOME/keys/compartments/COMPARTMENT.key
vault.py         HOME/vault: a wrapped key for each object, and what was received before
"""
