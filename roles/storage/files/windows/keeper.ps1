# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Gives what WRITER finished to the administrators, with the rights that the folder hands down: WRITER then has none on it.
param (
    [Parameter(Mandatory)] [String] $Folder,
    [Parameter(Mandatory)] [String] $Writer
)
$ErrorActionPreference = 'Stop'
foreach ($item in Get-ChildItem -LiteralPath $Folder -Recurse -Force) {
    if ($item.Name -like '*.part' -and -not $item.PSIsContainer) { continue }
    if ((Get-Acl -LiteralPath $item.FullName).Owner -notlike "*\$Writer") { continue }
    & icacls.exe $item.FullName /setowner '*S-1-5-32-544' /Q
    & icacls.exe $item.FullName /reset /Q
}
