//! Licence expressions, as SPDX writes them: whether they can be met by licences that are allowed.

use anyhow::{bail, ensure};

use crate::metadata::Package;

/// What is wrong with the licence of a package.
pub fn problem(package: &Package, allowed: &[String]) -> Option<String> {
    let name = format!("{} {}", package.name, package.version);
    let Some(license) = package.license.as_deref() else {
        return Some(format!("{name} names no licence"));
    };
    match is_allowed(license, allowed) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} has the licence `{license}`, which is not allowed")),
        Err(error) => Some(format!("{name} has the licence `{license}`: {error}")),
    }
}

/// Whether one of the licences that an expression offers is allowed, together with all that come with it.
fn is_allowed(expression: &str, allowed: &[String]) -> anyhow::Result<bool> {
    // `MIT/Apache-2.0` is what `OR` was before SPDX.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { rest: &words, allowed };
    let answer = reader.any()?;
    ensure!(reader.rest.is_empty(), "`{}` is not expected there", reader.rest[0]);
    Ok(answer)
}

struct Reader<'a> {
    rest: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    /// `A OR B`
    fn any(&mut self) -> anyhow::Result<bool> {
        let mut answer = self.every()?;
        while self.skip("OR") {
            answer |= self.every()?;
        }
        Ok(answer)
    }

    /// `A AND B`, which binds more closely.
    fn every(&mut self) -> anyhow::Result<bool> {
        let mut answer = self.one()?;
        while self.skip("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    /// `A`, `A WITH B` or `(..)`
    fn one(&mut self) -> anyhow::Result<bool> {
        if self.skip("(") {
            let answer = self.any()?;
            ensure!(self.skip(")"), "a bracket is not closed");
            return Ok(answer);
        }
        let mut licence = self.name()?;
        if self.skip("WITH") {
            licence = format!("{licence} WITH {}", self.name()?);
        }
        Ok(self.allowed.contains(&licence))
    }

    fn name(&mut self) -> anyhow::Result<String> {
        match self.rest {
            [] => bail!("it ends where a licence is expected"),
            [word, ..] if ["OR", "AND", "WITH", "(", ")"].contains(word) => {
                bail!("`{word}` stands where a licence is expected")
            }
            [word, rest @ ..] => {
                self.rest = rest;
                Ok((*word).to_owned())
            }
        }
    }

    fn skip(&mut self, word: &str) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == word => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        let cases = [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("Apache-2.0 / MIT", true),
            ("Apache-2.0/MIT", true),
            ("Apache-2.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND ISC", false),
            ("GPL-3.0 OR MIT AND ISC", false),
            ("MIT OR GPL-3.0 AND ISC", true),
        ];
        for (expression, wanted) in cases {
            assert_eq!(is_allowed(expression, &allowed).unwrap(), wanted, "{expression}");
        }
    }

    #[test]
    fn what_is_not_an_expression_is_an_error() {
        for expression in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH"] {
            assert!(is_allowed(expression, &[]).is_err(), "{expression}");
        }
    }
}
